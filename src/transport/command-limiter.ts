import { Injectable } from '@nestjs/common';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { ErrorCode } from '@rookery/protocol';
import { addressGroup, AppError } from '../common/index.js';
import { AppConfig } from '../config/index.js';

const HANDSHAKE_WINDOW = 10;

/** Tokens for commands, per connection and per user, and for handshakes, per address. */
@Injectable()
export class CommandLimiter {
  private readonly perConnection: RateLimiterMemory;
  private readonly perUser: RateLimiterMemory;
  private readonly perAddress: RateLimiterMemory;

  constructor({ ws }: AppConfig) {
    this.perConnection = new RateLimiterMemory({ points: ws.rateLimit, duration: 1 });
    this.perUser = new RateLimiterMemory({ points: ws.userRateLimit, duration: 1 });
    this.perAddress = new RateLimiterMemory({
      points: ws.handshakeRate * HANDSHAKE_WINDOW,
      duration: HANDSHAKE_WINDOW,
    });
  }

  /** Undefined when the command may go on; otherwise the refusal to answer with. */
  async command(connectionId: string, userId: string): Promise<AppError | undefined> {
    return (await this.refusal(this.perConnection, connectionId)) ?? (await this.user(userId));
  }

  /** The same for what comes without a connection. */
  user(userId: string): Promise<AppError | undefined> {
    return this.refusal(this.perUser, userId);
  }

  handshake(address: string): Promise<AppError | undefined> {
    return this.refusal(this.perAddress, addressGroup(address));
  }

  private async refusal(limiter: RateLimiterMemory, key: string): Promise<AppError | undefined> {
    try {
      await limiter.consume(key);
      return undefined;
    } catch (rejection) {
      if (!(rejection instanceof RateLimiterRes)) throw rejection;
      return new AppError(ErrorCode.RateLimited, { retryAfter: Math.max(rejection.msBeforeNext, 1) / 1000 });
    }
  }
}
