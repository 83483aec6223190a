import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { LRUCache } from 'lru-cache';
import { EventBus } from '../common/index.js';
import { ConnectionOpened, ConnectionRenewed, type Connection } from '../hub/index.js';
import { Metrics } from '../metrics/index.js';
import { ROLE_NAME } from './audience.js';
import { RoleRepository } from './role.repository.js';

/** Users with roles that are known to be stored as they are; of the many without any nothing is kept. */
const KNOWN_LIMIT = 10_000;
/** Users whose roles wait to be looked at. */
const WAITING_LIMIT = 100_000;
/** Users who are looked up together, and milliseconds in which they gather. */
const BATCH = 200;
const GATHER = 50;

/**
 * Remembers the roles in the tokens of users beyond their connections: whom a broadcast to a role is for while they are
 * away. Read once for each user who connects, and written only when they are others; never on the way of a connect.
 */
@Injectable()
export class RoleKeeper implements OnModuleInit, BeforeApplicationShutdown {
  private readonly logger = new Logger('Notifications');
  /** Roles in order, as one text, by user. */
  private readonly known = new LRUCache<string, string>({ max: KNOWN_LIMIT });
  private readonly waiting = new Map<string, readonly string[]>();
  private running?: Promise<void>;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly roles: RoleRepository,
    private readonly bus: EventBus,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.bus.on(ConnectionOpened, ({ connection }) => this.saw(connection));
    this.bus.on(ConnectionRenewed, ({ connection }) => this.saw(connection));
    const { bounds } = this.metrics;
    bounds.add('role_users', { limit: KNOWN_LIMIT, used: () => this.known.size });
    bounds.add('role_waiting', { limit: WAITING_LIMIT, used: () => this.waiting.size });
  }

  /** Those of the user's last token. */
  async of(user: string): Promise<readonly string[]> {
    return (await this.roles.of([user])).get(user) ?? [];
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.start();
    await this.running;
  }

  private saw({ userId, principal }: Connection): void {
    const roles = principal.roles.filter((role) => ROLE_NAME.test(role));
    if (this.known.get(userId) === textOf(roles)) return;
    if (this.waiting.size >= WAITING_LIMIT && !this.waiting.has(userId)) return;
    this.waiting.set(userId, roles);
    if (!this.running) this.timer ??= setTimeout(() => this.start(), GATHER);
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (this.waiting.size > 0) this.running ??= this.work().finally(() => (this.running = undefined));
  }

  private async work(): Promise<void> {
    try {
      while (this.waiting.size > 0) {
        await this.store([...this.waiting].slice(0, BATCH));
        // What comes singly waits for company.
        if (this.waiting.size < BATCH) await delay(GATHER);
      }
    } catch (error) {
      this.waiting.clear();
      this.logger.warn({ err: error }, 'Roles could not be stored; they are when their users connect again');
    }
  }

  private async store(batch: readonly (readonly [user: string, roles: readonly string[]])[]): Promise<void> {
    const stored = await this.roles.of(batch.map(([user]) => user));
    for (const [user, roles] of batch) {
      const before = stored.get(user) ?? [];
      const gone = before.filter((role) => !roles.includes(role));
      const added = roles.filter((role) => !before.includes(role));
      if (gone.length > 0 || added.length > 0) await this.roles.change(user, gone, added);
      if (roles.length > 0) this.known.set(user, textOf(roles));
      else this.known.delete(user);
      if (this.waiting.get(user) === roles) this.waiting.delete(user);
    }
  }
}

const textOf = (roles: readonly string[]): string => roles.toSorted().join(' ');
