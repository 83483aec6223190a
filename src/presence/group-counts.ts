import { Injectable, Logger } from '@nestjs/common';
import { HubService } from '../hub/index.js';
import { Announcer } from './announcer.js';
import type { WatchedGroup } from './group-watches.js';
import { PresenceRecords } from './presence-records.repository.js';
import { PresenceStore } from './presence-store.js';
import { shows } from './standing.js';

/** How many members of a big group are there: counted anew at most every few seconds, and told where it has changed. */
@Injectable()
export class GroupCounts {
  private readonly logger = new Logger('Presence');
  private changed = false;
  private running = false;

  constructor(
    private readonly hub: HubService,
    private readonly store: PresenceStore,
    private readonly records: PresenceRecords,
    private readonly announcer: Announcer,
  ) {
    announcer.onChange = () => (this.changed = true);
  }

  /** Without asking the database where this node has everybody. */
  async count(group: string): Promise<number> {
    if (this.store.shared) return this.records.onlineMembersOf(group);
    let online = 0;
    for (const user of this.hub.audience(group)) {
      const standing = this.announcer.standingOf(user);
      if (standing && shows(standing)) online++;
    }
    return online;
  }

  /** To be called every few seconds. Never rejects. */
  async tell(): Promise<void> {
    if (!this.changed || this.running) return;
    this.changed = false;
    this.running = true;
    try {
      for (const group of this.announcer.watches.all()) if (!group.members) await this.tellOf(group);
    } catch (error) {
      this.changed = true;
      this.logger.warn({ err: error }, 'The members of a group who are there could not be counted');
    } finally {
      this.running = false;
    }
  }

  private async tellOf(group: WatchedGroup): Promise<void> {
    const online = await this.count(group.id);
    if (online === group.online) return;
    group.online = online;
    for (const watcher of group.watchers)
      if (this.hub.isMember(watcher.userId, group.id))
        this.announcer.push(watcher, 'presence.group', { group: group.id, online });
  }
}
