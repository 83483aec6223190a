import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { CursorMoved } from '../chat/index.js';
import { EventBus } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { Metrics } from '../metrics/index.js';
import { InboxChanged } from '../notifications/index.js';
import { FEED_LIMIT, PushFeed } from './push-feed.js';
import { OutboxLimit } from './outbox-limit.js';
import { PushNodeRepository, type PushNode } from './push-node.repository.js';
import { PushOutboxRepository } from './push-outbox.repository.js';
import { PUSH_PROVIDERS, type PushProvider } from './push-provider.js';
import { PushSender } from './push-sender.js';

/** Milliseconds between two signs of life of a node, and after which one is taken for dead. */
const HEARTBEAT = 3000;
const NODE_TIMEOUT = 15_000;

/** Milliseconds: what was told is remembered for so long, to be taken back when it is read. */
const REMEMBERED = 86_400_000;
const HOUSEKEEPING = 60_000;

/** Users who read something since the last look at what can be taken back. */
export const READERS_LIMIT = 10_000;

/** Keeps offline push going: which node sends, what a dead one left, what is taken back, what is forgotten. */
@Injectable()
export class PushService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Push');
  private readonly node = uuid();
  private readonly readers = new Set<string>();
  private readonly timers: NodeJS.Timeout[] = [];
  private beating?: Promise<void>;
  private withdrawing?: Promise<void>;
  private stopped = false;

  constructor(
    private readonly config: AppConfig,
    private readonly feed: PushFeed,
    private readonly sender: PushSender,
    private readonly outbox: PushOutboxRepository,
    private readonly nodes: PushNodeRepository,
    private readonly bus: EventBus,
    private readonly metrics: Metrics,
    private readonly limit: OutboxLimit,
    @Inject(PUSH_PROVIDERS) private readonly providers: readonly PushProvider[],
  ) {}

  get enabled(): boolean {
    return this.providers.length > 0;
  }

  /** Before the first connection is accepted, so that nothing is stored unnoticed. */
  async onApplicationBootstrap(): Promise<void> {
    this.showBounds();
    if (!this.enabled) return;
    this.feed.onAdded = () => this.sender.wake();
    this.feed.start();
    this.bus.on(CursorMoved, ({ receipt }) => {
      if (receipt.kind === 'read') this.hasRead(receipt.user);
    });
    this.bus.on(InboxChanged, ({ user }) => this.hasRead(user));
    await this.nodes.save({ id: this.node, position: this.feed.position(Date.now()), seenAt: Date.now() });
    await this.beat();
    this.timers.push(
      setInterval(() => (this.beating ??= this.beat().finally(() => (this.beating = undefined))), HEARTBEAT),
      setInterval(() => void this.keepHouse(), HOUSEKEEPING),
    );
    void this.keepHouse();
  }

  async beforeApplicationShutdown(): Promise<void> {
    if (!this.enabled) return;
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    await this.beating;
    await Promise.all([this.feed.stop(), this.sender.stop(), this.withdrawing]);
    await this.nodes
      .save({ id: this.node, position: this.feed.position(Date.now()), seenAt: 0 })
      .catch(() => undefined);
  }

  private hasRead(user: string): void {
    if (this.readers.size < READERS_LIMIT) this.readers.add(user);
    this.withdrawing ??= this.withdraw().finally(() => (this.withdrawing = undefined));
  }

  private async withdraw(): Promise<void> {
    try {
      for (const user of this.readers) {
        this.readers.delete(user);
        if ((await this.outbox.withdraw(user)) > 0) this.sender.wake();
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'What was read could not be taken back; trying again within a minute');
    }
  }

  /** Says that this node lives; the oldest living one sends, and looks after what dead ones left. */
  private async beat(): Promise<void> {
    try {
      const now = Date.now();
      await this.nodes.save({ id: this.node, position: this.feed.position(now), seenAt: now });
      const { living, dead } = this.sorted(await this.nodes.all(), now);
      const leads = living[0]?.id === this.node;
      for (const node of leads ? dead : []) {
        await this.feed.recover(node.position);
        await this.nodes.remove(node.id);
      }
      if (!this.stopped) this.sender.lead(leads);
    } catch (error) {
      this.logger.warn({ err: error }, 'The state of offline push could not be stored; trying again');
    }
  }

  private sorted(nodes: PushNode[], now: number): { living: PushNode[]; dead: PushNode[] } {
    const lives = ({ id, seenAt }: PushNode): boolean =>
      id === this.node || (!this.nodes.isAlone && seenAt > now - NODE_TIMEOUT);
    return { living: nodes.filter(lives), dead: nodes.filter((node) => !lives(node)) };
  }

  private async keepHouse(): Promise<void> {
    try {
      await this.outbox.purge(Date.now() - REMEMBERED);
      if ((await this.outbox.withdraw()) > 0) this.sender.wake();
      await this.limit.enforce();
    } catch (error) {
      this.logger.warn({ err: error }, 'The push outbox could not be tidied; trying again within a minute');
    }
  }

  private showBounds(): void {
    const { bounds } = this.metrics;
    this.limit.showBounds();
    bounds.add('push_feed', { limit: FEED_LIMIT, used: () => this.feed.size });
    bounds.add('push_in_flight', { limit: this.config.push.concurrency, used: () => this.sender.inFlight });
    bounds.add('push_readers', { limit: READERS_LIMIT, used: () => this.readers.size });
  }
}
