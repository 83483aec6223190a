import { Injectable, Logger } from '@nestjs/common';
import { Announcer } from './announcer.js';
import { LeaseKeeper } from './lease-keeper.js';
import { PresenceRecords } from './presence-records.repository.js';
import { PresenceStore } from './presence-store.js';
import { Roster } from './roster.js';

/** Leases per question. */
const PAGE = 1_000;
/** Milliseconds after which everything is read again: what was overlooked is mended then. */
const FULL_ROUND = 60_000;

/** Follows what other nodes say of their users, where there may be others. */
@Injectable()
export class Replica {
  private readonly logger = new Logger('Presence');
  private cursor?: string;
  private settingsSince?: number;
  private fullAt = -Infinity;
  private running = false;

  constructor(
    private readonly store: PresenceStore,
    private readonly keeper: LeaseKeeper,
    private readonly roster: Roster,
    private readonly records: PresenceRecords,
    private readonly announcer: Announcer,
  ) {}

  /** To be called every second. Never rejects; nothing while the call before is under way. */
  async follow(): Promise<void> {
    if (!this.store.shared || this.running) return;
    this.running = true;
    try {
      await this.followLeases();
      await this.followSettings();
    } catch (error) {
      this.logger.warn({ err: error }, 'What other nodes say of their users could not be read');
    } finally {
      this.running = false;
    }
  }

  private async followLeases(): Promise<void> {
    const full = performance.now() - this.fullAt >= FULL_ROUND;
    const met = new Set<string>();
    let since = full ? undefined : this.cursor;
    for (;;) {
      const { leases, live, next, more } = await this.store.changes(this.keeper.owner, since, PAGE);
      for (const user of this.roster.keep(live)) this.announcer.mark(user);
      const counting = new Set(live.map(({ node, incarnation }) => `${node} ${incarnation}`));
      for (const lease of leases) {
        if (!counting.has(`${lease.owner.node} ${lease.owner.incarnation}`)) continue;
        if (full) met.add(`${lease.owner.node} ${lease.user}`);
        if (this.roster.learn(lease)) this.announcer.mark(lease.user);
      }
      this.cursor = since = next;
      if (!more) break;
    }
    if (full) this.forgetUnmet(met);
  }

  private forgetUnmet(met: ReadonlySet<string>): void {
    this.fullAt = performance.now();
    for (const lease of this.roster.remote())
      if (!met.has(`${lease.owner.node} ${lease.user}`) && this.roster.learn(lease))
        this.announcer.mark(lease.user);
  }

  private async followSettings(): Promise<void> {
    const { settings, next } = await this.records.changedSince(this.settingsSince);
    this.settingsSince = next;
    for (const [user, each] of settings) this.announcer.apply(user, each);
  }
}
