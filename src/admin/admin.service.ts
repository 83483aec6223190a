import { Injectable } from '@nestjs/common';
import { CloseCode, ErrorCode } from '@rookery/protocol';
import { isAdmin, type Principal } from '../auth/index.js';
import { AppError } from '../common/index.js';
import { HubService } from '../hub/index.js';
import { NotificationService, type NotifyResult } from '../notifications/index.js';
import type { BroadcastBody, SendBody, StatusQuery } from './admin.schema.js';

export interface Status {
  online_count: number;
  online_users: string[];
  next_cursor?: string;
}

/** What was stored, or, for an ephemeral call, how many devices got it. */
export type PublishResult = NotifyResult | { id: null; connections: number };

/** What administrators and back-end services do over REST. */
@Injectable()
export class AdminService {
  constructor(
    private readonly hub: HubService,
    private readonly notifications: NotificationService,
  ) {}

  status(query: StatusQuery): Status {
    const { items, next } = this.hub.onlineUsers(query);
    return {
      online_count: this.hub.onlineCount,
      online_users: items,
      ...(next !== null && { next_cursor: next }),
    };
  }

  async broadcast({ type, content, ephemeral }: BroadcastBody, key?: string): Promise<PublishResult> {
    if (ephemeral) return { id: null, connections: this.notifications.broadcastLive({ type, content }) };
    return this.notifications.broadcast({ type, content, key });
  }

  async send({ type, to, content, ephemeral }: SendBody, key?: string): Promise<PublishResult> {
    if (ephemeral) return { id: null, connections: this.notifications.pushLive(to, { type, content }) };
    return this.notifications.notifyUser(to, { type, content, key });
  }

  /** Closes a user's connections with a code that keeps clients from coming back by themselves. */
  disconnect(userId: string): { closed: number } {
    return { closed: this.hub.disconnect(userId, { reason: 'disconnected by an administrator' }) };
  }

  /** Logs a user out: by himself or by an administrator. */
  logout(caller: Principal, userId: string): void {
    if (caller.userId !== userId && !isAdmin(caller)) throw new AppError(ErrorCode.Forbidden);
    this.hub.disconnect(userId, { code: CloseCode.LoggedOut, reason: 'logged out' });
  }
}
