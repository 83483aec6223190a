import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Metrics } from '../metrics/index.js';
import { Announcer, PENDING_CAPACITY } from './announcer.js';
import { WATCH_CAPACITY } from './group-watches.js';
import { LAST_SEEN_CAPACITY, LastSeen } from './last-seen.js';
import { PresenceService } from './presence.service.js';
import { CONTACTS_CAPACITY, Relations } from './relations.js';
import { GRACE_CAPACITY, REMOTE_CAPACITY, Roster } from './roster.js';
import { SUBSCRIPTION_CAPACITY } from './subscriptions.js';

/** Shows how much presence holds in memory. Looked at when `/metrics` is asked for. */
@Injectable()
export class PresenceBounds implements OnModuleInit {
  constructor(
    private readonly metrics: Metrics,
    private readonly announcer: Announcer,
    private readonly roster: Roster,
    private readonly relations: Relations,
    private readonly lastSeen: LastSeen,
    private readonly service: PresenceService,
  ) {}

  onModuleInit(): void {
    const { bounds } = this.metrics;
    const { subscriptions, watches, outbox } = this.announcer;
    const { changes } = this.service;
    bounds.add('presence_subscriptions', { limit: SUBSCRIPTION_CAPACITY, used: () => subscriptions.size });
    bounds.add('presence_groups', { limit: WATCH_CAPACITY, used: () => watches.size });
    bounds.add('presence_pending', { limit: PENDING_CAPACITY, used: () => outbox.size });
    bounds.add('presence_grace', { limit: GRACE_CAPACITY, used: () => this.roster.grace.size });
    bounds.add('presence_last_seen', { limit: LAST_SEEN_CAPACITY, used: () => this.lastSeen.size });
    bounds.add('presence_contacts', { limit: CONTACTS_CAPACITY, used: () => this.relations.size });
    bounds.add('presence_remote', { limit: REMOTE_CAPACITY, used: () => this.roster.remoteSize });
    bounds.add('presence_changes', { limit: changes.capacity, used: () => changes.size });
  }
}
