import { Injectable, type OnModuleInit } from '@nestjs/common';
import { RelationChanged } from '../contacts/index.js';
import { EventBus } from '../common/index.js';
import {
  ConnectionClosed,
  ConnectionOpened,
  HubService,
  MembershipChanged,
  type Connection,
} from '../hub/index.js';
import { Announcer } from './announcer.js';
import { Greeter } from './greeter.js';
import { EXACT_MEMBERS } from './group-watches.js';
import { LastSeen } from './last-seen.js';
import { PresenceRecords } from './presence-records.repository.js';
import { Relations } from './relations.js';
import { Roster } from './roster.js';

/** What happens elsewhere and has to do with who is there. */
@Injectable()
export class PresenceObserver implements OnModuleInit {
  constructor(
    private readonly bus: EventBus,
    private readonly hub: HubService,
    private readonly roster: Roster,
    private readonly announcer: Announcer,
    private readonly greeter: Greeter,
    private readonly relations: Relations,
    private readonly records: PresenceRecords,
    private readonly lastSeen: LastSeen,
  ) {}

  onModuleInit(): void {
    this.bus.on(ConnectionOpened, ({ connection }) => this.opened(connection));
    this.bus.on(ConnectionClosed, ({ connection }) => this.closed(connection));
    this.bus.on(RelationChanged, ({ user, other }) => this.related(user, other));
    this.bus.on(MembershipChanged, (change) => this.membersChanged(change));
  }

  private opened(connection: Connection): void {
    this.announcer.mark(connection.userId);
    this.greeter.greet(connection);
  }

  private closed(connection: Connection): void {
    const { userId } = connection;
    this.announcer.forget(connection);
    const early = this.roster.grace.begin(userId, this.roster.deviceOf(connection), performance.now());
    if (early !== undefined) this.announcer.mark(early);
    if (this.hub.isOnline(userId)) return;
    const known = this.announcer.standingOf(userId);
    if (!known) this.lastSeen.recordUnlessInvisible(userId, Date.now());
    else if (known.settings.choice !== 'invisible') this.lastSeen.record(userId, Date.now());
  }

  private async related(user: string, other: string): Promise<void> {
    this.relations.forget(user);
    this.relations.forget(other);
    await this.showAnew(user, other);
    await this.showAnew(other, user);
  }

  /** Who is a contact no more is not told again, so he must not go on seeing what he saw. */
  private async showAnew(target: string, viewer: string): Promise<void> {
    const connections = this.hub.connectionsOf(viewer);
    if (connections.length === 0) return;
    const regard = (await this.relations.regardsTo(target, [viewer]))(viewer);
    const told = connections.filter((each) => regard === 'contact' || this.follows(each, target));
    await this.announcer.show(target, told);
    for (const each of connections)
      if (!told.includes(each)) this.announcer.put(each, { user: target, state: 'offline' });
  }

  private follows(connection: Connection, user: string): boolean {
    const { subscriptions, watches } = this.announcer;
    if (subscriptions.has(connection, user)) return true;
    return [...watches.of(connection)].some(({ members }) => members?.has(user));
  }

  private async membersChanged({ group: id, joined, left }: MembershipChanged): Promise<void> {
    const group = this.announcer.watches.get(id);
    if (!group) return;
    for (const user of left)
      for (const connection of this.hub.connectionsOf(user)) this.announcer.watches.remove(connection, id);
    if (!group.members) return;
    this.announcer.watches.setMembers(group, await this.records.membersOf(id, EXACT_MEMBERS + 1));
    for (const user of joined)
      if (this.announcer.standingOf(user)) await this.announcer.show(user, [...group.watchers]);
  }
}
