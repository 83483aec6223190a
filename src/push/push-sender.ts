import { Injectable, Inject, Logger } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { EventPresenters, HubService } from '../hub/index.js';
import { JournalService, entryId, parseConversationId, type Entry } from '../journal/index.js';
import { Metrics } from '../metrics/index.js';
import { RoleKeeper } from '../notifications/index.js';
import { backOff } from './back-off.js';
import { PushOutboxRepository, type OutboxRow } from './push-outbox.repository.js';
import { PUSH_PROVIDERS, type PushMessage, type PushOutcome, type PushProvider } from './push-provider.js';
import { PushTokenRepository, type PushToken } from './push-token.repository.js';

/** How long to wait before trying again what the store refused. */
const RETRY_DELAY = 1000;

/** Milliseconds after which the outbox is looked at although nothing was said: another node may have written to it. */
const LONGEST_SLEEP = 2000;

/** Works off the outbox: one delivery at a time for each user, those of several users at once. */
@Injectable()
export class PushSender {
  private readonly logger = new Logger('Push');
  private readonly byName: Map<string, PushProvider>;
  /** Users with a delivery under way. */
  private readonly busy = new Map<string, Promise<void>>();
  private timer?: NodeJS.Timeout;
  private looking?: Promise<void>;
  private again = false;
  private active = false;
  private stopped = false;

  constructor(
    private readonly config: AppConfig,
    private readonly outbox: PushOutboxRepository,
    private readonly tokens: PushTokenRepository,
    private readonly journal: JournalService,
    private readonly presenters: EventPresenters,
    private readonly hub: HubService,
    private readonly roles: RoleKeeper,
    private readonly metrics: Metrics,
    @Inject(PUSH_PROVIDERS) providers: readonly PushProvider[],
  ) {
    this.byName = new Map(providers.map((provider) => [provider.name, provider]));
  }

  /** Deliveries under way. */
  get inFlight(): number {
    return this.busy.size;
  }

  /** Whether this node is the one that sends. */
  lead(active: boolean): void {
    this.active = active;
    if (active) this.wake();
  }

  /** There may be something to send. */
  wake(): void {
    if (!this.active || this.stopped) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.again = true;
    this.looking ??= this.look().finally(() => {
      this.looking = undefined;
      // Woken while it was looked up how long to sleep: that may be too long by now.
      if (this.again) this.wake();
    });
  }

  async stop(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.looking;
    await Promise.all(this.busy.values());
  }

  private async look(): Promise<void> {
    try {
      while (this.again && this.active && !this.stopped) {
        this.again = false;
        await this.startDue();
      }
      if (this.active && !this.stopped) this.sleepUntil(await this.outbox.nextDue());
    } catch (error) {
      this.logger.warn({ err: error }, 'The push outbox could not be read; trying again');
      this.sleepUntil(Date.now() + RETRY_DELAY);
    }
  }

  /** Users who are busy are first in the list as well, so more is asked for than there is room. */
  private async startDue(): Promise<void> {
    const room = this.config.push.concurrency - this.busy.size;
    if (room <= 0) return;
    const heads = await this.outbox.heads(Date.now(), this.config.push.concurrency + this.busy.size);
    for (const row of heads.filter(({ user }) => !this.busy.has(user)).slice(0, room)) {
      const work = this.deliver(row)
        .catch(async (error: unknown) => {
          this.logger.error({ err: error, push: row.id }, 'A push could not be worked off');
          await new Promise((resolve) => setTimeout(resolve, RETRY_DELAY));
        })
        .finally(() => {
          this.busy.delete(row.user);
          this.wake();
        });
      this.busy.set(row.user, work);
    }
  }

  private sleepUntil(due: number | undefined): void {
    if (this.stopped || this.timer) return;
    const wait = Math.min(Math.max((due ?? Infinity) - Date.now(), 5), LONGEST_SLEEP);
    this.timer = setTimeout(() => this.wake(), wait);
  }

  private async deliver(row: OutboxRow): Promise<void> {
    const token = await this.tokens.find(row.tokenId);
    const provider = token && this.byName.get(token.provider);
    const message = provider && (await this.messageOf(row));
    if (!token || !provider || !message) return this.outbox.finish(row.id, 'done');
    const { user, device } = token;
    const outcome = await provider.send({ id: row.id, user, device, token: token.token, message });
    this.metrics.pushes.inc({ provider: provider.name, outcome: outcome.kind });
    await this.settle(row, token, outcome);
  }

  private async settle(row: OutboxRow, token: PushToken, outcome: PushOutcome): Promise<void> {
    if (outcome.kind === 'sent') {
      await this.outbox.finish(row.id, row.kind === 'entry' ? 'sent' : 'done');
      if (row.kind === 'entry') await this.outbox.withdraw(row.user);
      return;
    }
    if (outcome.kind === 'gone') return this.tokens.remove(token.id);
    const attempts = row.attempts + 1;
    if (outcome.kind === 'rejected' || attempts >= this.config.push.maxAttempts)
      return this.outbox.bury(row, attempts, outcome.reason);
    const wait = backOff(attempts, this.config.push.retryDelay, outcome.after);
    await this.outbox.postpone(row, attempts, Date.now() + wait, outcome.reason);
  }

  /** He may have left the audience since it was written down. */
  private async isFor(user: string, entry: Entry): Promise<boolean> {
    const filter = this.presenters.filterOf(entry);
    return !filter || filter(await this.hub.readerOf(user, await this.roles.of(user)));
  }

  /** Only what is in an inbox may be in several languages. */
  private async localeFor(user: string, conversation: string): Promise<string | undefined> {
    const kind = parseConversationId(conversation)?.kind;
    return kind === 'inbox' || kind === 'broadcast' ? this.presenters.localeOf(user) : undefined;
  }

  /** Undefined: there is nothing to tell any more, because it reached a device meanwhile, was erased, or is not his. */
  private async messageOf({ user, conversation, seq, kind }: OutboxRow): Promise<PushMessage | undefined> {
    const relation = await this.journal.relation(user, conversation);
    if (!relation) return undefined;
    const [entry] = await this.journal.readAt(conversation, [seq], user);
    const common = { conversation, seq, entry: entryId({ conversation, seq }) };
    if (kind === 'withdraw')
      return { type: 'push.withdraw', time: entry?.time ?? Date.now(), ...common, priority: 'normal' };
    if (relation.delivered >= seq || relation.read >= seq || !entry) return undefined;
    if (!(await this.isFor(user, entry))) return undefined;
    const event = this.presenters.describe(entry, await this.localeFor(user, conversation));
    if (!event) return undefined;
    const data = event.data as Record<string, unknown>;
    const priority = (data.priority as PushMessage['priority'] | undefined) ?? 'normal';
    return { type: 'push.message', time: entry.time, ...common, event: { type: event.type, data }, priority };
  }
}
