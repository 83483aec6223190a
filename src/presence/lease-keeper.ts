import { randomUUID } from 'node:crypto';
import { Injectable, Logger } from '@nestjs/common';
import { sameDevices, type Devices, type Lease, type Owner } from './lease.js';
import { PresenceStore } from './presence-store.js';

/** Milliseconds that what this node says counts after its last word; a node that died is believed no longer. */
export const LEASE_TTL = 15_000;
/** Milliseconds between two words. */
export const RENEWAL = 5_000;
/** Milliseconds after which it is not sure any more that others still hold what this node has said. */
const LATE = LEASE_TTL * 0.8;

/** Says in the store who is connected to this node, and keeps that alive. */
@Injectable()
export class LeaseKeeper {
  private readonly logger = new Logger('Presence');
  private ownerValue: Owner = { node: randomUUID(), incarnation: Date.now() };
  private readonly held = new Map<string, Devices>();
  private readonly waiting = new Map<string, Lease>();
  private writing?: Promise<void>;
  private renewedAt = -Infinity;

  constructor(private readonly store: PresenceStore) {}

  get owner(): Owner {
    return this.ownerValue;
  }

  /** Users of whom the store does not know yet what is said. */
  get backlog(): number {
    return this.waiting.size;
  }

  /** From now on, and said with the next writing; what is the same as before is not said again, nor what nobody hears. */
  hold(leases: readonly Lease[]): void {
    if (!this.store.shared) return;
    for (const lease of leases) {
      const { user, devices } = lease;
      if (sameDevices(this.held.get(user), devices) && !this.waiting.has(user)) continue;
      if (devices) this.held.set(user, devices);
      else this.held.delete(user);
      this.waiting.set(user, lease);
    }
  }

  /** Says what waits, or waits for the writing under way. Never rejects: what was not written waits on. */
  async write(): Promise<void> {
    this.writing ??= this.writeWaiting().finally(() => (this.writing = undefined));
    await this.writing;
  }

  /** To be called every {@link RENEWAL} milliseconds. Never rejects. */
  async renew(): Promise<void> {
    const began = performance.now();
    try {
      if (!(await this.store.renew(this.owner, LEASE_TTL))) this.startAnew();
      else if (began - this.renewedAt > LATE) this.sayAll();
      this.renewedAt = began;
    } catch (error) {
      this.logger.warn({ err: error }, 'The presence lease of this node could not be renewed');
    }
  }

  /** At the end: others see at once that nobody is here. */
  async release(): Promise<void> {
    await this.writing;
    await this.store.release(this.owner);
  }

  private async writeWaiting(): Promise<void> {
    if (this.waiting.size === 0) return;
    const leases = [...this.waiting.values()];
    this.waiting.clear();
    try {
      await this.store.hold(this.owner, leases);
    } catch (error) {
      for (const lease of leases) if (!this.waiting.has(lease.user)) this.waiting.set(lease.user, lease);
      this.logger.warn({ err: error, users: leases.length }, 'Presence leases could not be written yet');
    }
  }

  private sayAll(): void {
    for (const [user, devices] of this.held)
      if (!this.waiting.has(user)) this.waiting.set(user, { user, devices });
  }

  private startAnew(): void {
    this.logger.error({ owner: this.owner }, 'Another process holds the presence leases of this node');
    this.ownerValue = { node: randomUUID(), incarnation: Date.now() };
    this.sayAll();
  }
}
