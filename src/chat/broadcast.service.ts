import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ErrorCode } from '@rookery/protocol';
import type { Principal } from '../auth/index.js';
import { AppError, FixedWindow } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { HubService } from '../hub/index.js';
import { BROADCAST_CONVERSATION } from '../journal/index.js';
import { Metrics } from '../metrics/index.js';
import { BeforeSendHooks, type OutgoingMessage } from './before-send.js';
import type { ChatBroadcast } from './chat.schema.js';

const SECOND = 1000;

/** What users say to everybody who is there: passed on, and stored nowhere. */
@Injectable()
export class BroadcastService {
  private readonly rate: FixedWindow;

  constructor(
    private readonly hub: HubService,
    private readonly hooks: BeforeSendHooks,
    private readonly config: AppConfig,
    metrics: Metrics,
  ) {
    this.rate = new FixedWindow(config.chat.broadcastRate, SECOND);
    metrics.bounds.add('broadcasters', { limit: this.rate.capacity, used: () => this.rate.size });
  }

  /** Rejects with AppError `refused` (switched off, or by a hook) or `rate_limited`. */
  async say(from: string, draft: ChatBroadcast, principal?: Principal): Promise<null> {
    this.assertAllowed(from);
    const outgoing: OutgoingMessage = {
      ...draft,
      from,
      conversation: BROADCAST_CONVERSATION,
      clientId: uuid(),
    };
    const { kind, content, meta } = (await this.hooks.run(outgoing, principal)) ?? outgoing;
    this.hub.broadcast('chat.broadcast', {
      from,
      kind,
      content,
      ...(meta && { meta }),
      time: Date.now(),
    });
    return null;
  }

  /** Where users may reach their contacts only, none of them may reach all. */
  private assertAllowed(from: string): void {
    const { chat, policy } = this.config;
    if (chat.broadcastRate === 0 || policy.messages === 'contacts')
      throw new AppError(ErrorCode.Refused, { message: 'Users do not broadcast on this server' });
    const wait = this.rate.take(from);
    if (wait > 0) throw new AppError(ErrorCode.RateLimited, { retryAfter: Math.max(wait, 1) / SECOND });
  }
}
