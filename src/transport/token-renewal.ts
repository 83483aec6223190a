import { Injectable } from '@nestjs/common';
import { ErrorCode, type Commands } from '@rookery/protocol';
import { AppError, EventBus } from '../common/index.js';
import { ConnectionRenewed } from '../hub/index.js';
import type { RookerySocket } from './rookery-socket.js';
import { SessionManager } from './session-manager.js';

/** Takes a newer token on a live connection, so that it need not reconnect when the old one ends. */
@Injectable()
export class TokenRenewal {
  constructor(
    private readonly manager: SessionManager,
    private readonly bus: EventBus,
  ) {}

  async renew({ connection }: RookerySocket, token: string): Promise<Commands['auth']['reply']> {
    if (!connection) throw new AppError(ErrorCode.Unauthenticated);
    const principal = await this.manager.verify(token, connection.ip);
    if (principal.userId !== connection.userId) {
      throw new AppError(ErrorCode.Forbidden, { message: 'The token is of another user' });
    }
    connection.renew(principal);
    if (this.bus.has(ConnectionRenewed)) this.bus.publish(new ConnectionRenewed(connection));
    return { user: principal.userId, expiresAt: principal.expiresAt ?? null };
  }
}
