import { Injectable, Logger, type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { HubService } from '../hub/index.js';
import { Announcer } from './announcer.js';
import { GroupCounts } from './group-counts.js';
import { LastSeen } from './last-seen.js';
import { LeaseKeeper, RENEWAL } from './lease-keeper.js';
import { PresenceStore } from './presence-store.js';
import { Relations } from './relations.js';
import { Replica } from './replica.js';
import { Roster } from './roster.js';
import { current } from './standing.js';

const SECOND = 1_000;
/** Seconds between two counts of the big groups. */
const COUNT_EVERY = 5;
/** Seconds between two removals of what counts no more. */
const SWEEP_EVERY = 60;
/** Seconds by which a last seen may be too early after this process was killed. */
export const TOUCH_EVERY = 60;

/** What happens by itself, once a second. */
@Injectable()
export class PresencePulse implements OnModuleInit, OnApplicationShutdown {
  private readonly logger = new Logger('Presence');
  private timer?: NodeJS.Timeout;
  private beats = 0;
  private touching?: Iterator<string>;

  constructor(
    private readonly hub: HubService,
    private readonly roster: Roster,
    private readonly announcer: Announcer,
    private readonly keeper: LeaseKeeper,
    private readonly store: PresenceStore,
    private readonly replica: Replica,
    private readonly counts: GroupCounts,
    private readonly lastSeen: LastSeen,
    private readonly relations: Relations,
  ) {}

  async onModuleInit(): Promise<void> {
    await this.keeper.renew();
    this.timer = setInterval(() => this.beat(), SECOND);
    this.timer.unref();
  }

  /** After the last connection has gone, before the database does. */
  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.timer);
    this.announcer.stop();
    await Promise.allSettled([this.lastSeen.writeAll(), this.keeper.release()]);
  }

  private beat(): void {
    this.beats++;
    for (const user of this.roster.grace.ended(performance.now())) this.announcer.mark(user);
    this.endStatuses(Date.now());
    this.relations.forgetOld();
    this.touch(Date.now());
    void this.keeper.write();
    this.lastSeen.writeSome().catch((error: unknown) => this.report(error));
    void this.replica.follow();
    if (this.beats % (RENEWAL / SECOND) === 0) void this.keeper.renew();
    if (this.beats % COUNT_EVERY === 0) void this.counts.tell();
    if (this.beats % SWEEP_EVERY === 0) this.store.sweep().catch((error: unknown) => this.report(error));
  }

  /** What could not be written waits for the next beat. */
  private report(error: unknown): void {
    this.logger.warn({ err: error }, 'Presence could not be written yet');
  }

  private endStatuses(now: number): void {
    for (const user of this.roster.endedStatuses(now))
      this.announcer.apply(user, current(this.roster.settingsOf(user), now));
  }

  /** A part of those who are there at every beat, and everybody within a minute. */
  private touch(now: number): void {
    let left = Math.ceil(this.announcer.size / TOUCH_EVERY);
    this.touching ??= this.announcer.present();
    while (left-- > 0) {
      const { value: user, done } = this.touching.next();
      if (done) return void (this.touching = undefined);
      if (this.hub.isOnline(user) && this.roster.settingsOf(user).choice !== 'invisible')
        this.lastSeen.record(user, now);
    }
  }
}
