import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { Metrics } from '../metrics/index.js';
import { PushOutboxRepository } from './push-outbox.repository.js';

/** Of those that are too many some more are dropped, so that they need not be counted for every further one. */
const SLACK = 0.01;

/** Keeps the outbox within `PUSH_OUTBOX_LIMIT`: of what waits, and of dead letters, the oldest go, and are counted. */
@Injectable()
export class OutboxLimit {
  private readonly logger = new Logger('Push');
  /** What waits: as counted last, and what was added since. At least as many as there are. */
  private estimate = 0;
  private dead = 0;

  constructor(
    private readonly config: AppConfig,
    private readonly outbox: PushOutboxRepository,
    private readonly metrics: Metrics,
  ) {}

  showBounds(): void {
    const { outboxLimit: limit } = this.config.push;
    this.metrics.bounds.add('push_outbox', { limit, used: () => Math.min(this.estimate, limit) });
    this.metrics.bounds.add('push_dead_letters', { limit, used: () => Math.min(this.dead, limit) });
  }

  /** To be called with every number of rows that were written. */
  async added(rows: number): Promise<void> {
    this.estimate += rows;
    if (this.estimate > this.config.push.outboxLimit) await this.enforce();
  }

  /** Counts, and drops what is too many. */
  async enforce(): Promise<void> {
    const counts = await this.outbox.counts();
    this.estimate = counts.pending - (await this.trim('pending', counts.pending));
    this.dead = counts.dead - (await this.trim('dead', counts.dead));
    this.metrics.pushOutbox.set({ state: 'pending' }, this.estimate);
    this.metrics.pushOutbox.set({ state: 'dead' }, this.dead);
  }

  private async trim(state: 'pending' | 'dead', count: number): Promise<number> {
    const { outboxLimit: limit } = this.config.push;
    if (count <= limit) return 0;
    const surplus = count - Math.floor(limit * (1 - SLACK));
    let dropped = 0;
    for (let last = 1; last > 0 && dropped < surplus; dropped += last) {
      last = await this.outbox.drop(state, surplus - dropped);
      await nextTurn();
    }
    this.metrics.pushesDropped.inc({ state }, dropped);
    this.logger.warn({ state, dropped, limit }, 'The push outbox is full; the oldest were dropped');
    return dropped;
  }
}
