import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ErrorCode } from '@rookery/protocol';
import type { Principal } from '../auth/index.js';
import { AppError, FixedWindow } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { ContactDirectory } from '../contacts/index.js';
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
    private readonly contacts: ContactDirectory,
    metrics: Metrics,
  ) {
    this.rate = new FixedWindow(config.chat.broadcastRate, SECOND);
    metrics.bounds.add('broadcasters', { limit: this.rate.capacity, used: () => this.rate.size });
  }

  /**
   * Who has blocked him is not told. Rejects with AppError `refused` (switched off, or by a hook), `rate_limited` or
   * `unavailable`.
   */
  async say(from: string, draft: ChatBroadcast, principal?: Principal): Promise<null> {
    this.assertAllowed(from);
    const outgoing: OutgoingMessage = {
      ...draft,
      from,
      conversation: BROADCAST_CONVERSATION,
      clientId: uuid(),
    };
    const { kind, content, meta } = (await this.hooks.run(outgoing, principal)) ?? outgoing;
    const blockers = await this.blockersOf(from);
    const event = { from, kind, content, ...(meta && { meta }), time: Date.now() };
    this.hub.broadcast('chat.broadcast', event, blockers);
    return null;
  }

  /** Of those who are there; undefined: it would be a question about each of them. */
  private async blockersOf(user: string): Promise<ReadonlySet<string> | undefined> {
    if (!this.contacts.asksAtOnce) return undefined;
    return this.contacts.blockersOf(user, [...this.hub.audience(BROADCAST_CONVERSATION)]);
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
