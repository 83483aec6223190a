import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { addressGroup, AppError, FixedWindow } from '../common/index.js';
import { AppConfig } from '../config/index.js';

const SECOND = 1000;
const HANDSHAKE_WINDOW = 10;

/** How often commands may come, per connection and per user, and handshakes, per address. */
@Injectable()
export class CommandLimiter {
  private readonly perConnection: FixedWindow;
  private readonly perUser: FixedWindow;
  private readonly perAddress: FixedWindow;

  constructor({ ws }: AppConfig) {
    this.perConnection = new FixedWindow(ws.rateLimit, SECOND);
    this.perUser = new FixedWindow(ws.userRateLimit, SECOND);
    this.perAddress = new FixedWindow(ws.handshakeRate * HANDSHAKE_WINDOW, HANDSHAKE_WINDOW * SECOND);
  }

  get tables() {
    return { connections: this.perConnection, users: this.perUser, addresses: this.perAddress };
  }

  /** Undefined when the command may go on; otherwise the refusal to answer with. */
  command(connectionId: string, userId: string): AppError | undefined {
    const now = performance.now();
    const wait = this.perConnection.take(connectionId, now) || this.perUser.take(userId, now);
    return refusal(wait);
  }

  /** The same for what comes without a connection. */
  user(userId: string): AppError | undefined {
    return refusal(this.perUser.take(userId));
  }

  handshake(address: string): AppError | undefined {
    return refusal(this.perAddress.take(addressGroup(address)));
  }
}

function refusal(wait: number): AppError | undefined {
  if (wait === 0) return undefined;
  return new AppError(ErrorCode.RateLimited, { retryAfter: Math.max(wait, 1) / 1000 });
}
