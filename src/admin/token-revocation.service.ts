import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { Revocations } from '../auth/index.js';
import { AppError } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { HubService } from '../hub/index.js';
import { TokenRevocationRepository } from './token-revocation.repository.js';

/** Milliseconds after which other processes on the same database go by a change. */
const POLL = 2000;
/** Users whose tokens were revoked, ever. */
const MAX_USERS = 100_000;

/** Tokens that administrators revoke before they end; kept in the database. */
@Injectable()
export class TokenRevocationService implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger('Revocations');
  private revoked = new Map<string, number>();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly config: AppConfig,
    private readonly repository: TokenRevocationRepository,
    private readonly revocations: Revocations,
    private readonly hub: HubService,
  ) {}

  /** Before anybody can connect. Where other processes may revoke it is looked at again and again. */
  async onModuleInit(): Promise<void> {
    await this.refresh();
    if (this.config.presence.store !== 'database') return;
    this.timer = setInterval(() => void this.refresh().catch((error) => this.complain(error)), POLL);
    this.timer.unref();
  }

  beforeApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  /** Every token of the user that was issued up to now. Rejects with `refused` when the list is full. */
  async revoke(user: string): Promise<{ closed: number }> {
    if (this.revoked.size >= MAX_USERS && !this.revoked.has(user))
      throw new AppError(ErrorCode.Refused, { message: 'This list is full' });
    const now = Date.now();
    await this.repository.set(user, now);
    return { closed: this.apply(new Map([...this.revoked, [user, now]])) };
  }

  private async refresh(): Promise<void> {
    this.apply(await this.repository.all());
  }

  /** Returns how many connections were closed: those of users who are new in the list or later than before. */
  private apply(next: Map<string, number>): number {
    const before = this.revoked;
    this.revoked = next;
    this.revocations.replace(next);
    const affected = [...next].filter(([user, until]) => until > (before.get(user) ?? 0));
    return affected.reduce((sum, [user]) => sum + this.hub.disconnect(user, { reason: 'token revoked' }), 0);
  }

  private complain(err: unknown): void {
    this.logger.warn({ err }, 'The revoked tokens could not be read; the last ones hold');
  }
}
