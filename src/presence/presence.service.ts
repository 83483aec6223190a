import { Injectable } from '@nestjs/common';
import { ErrorCode, type Commands, type Presence, type PresencePrivacy } from '@rookery/protocol';
import { AppError, FixedWindow, invalidField } from '../common/index.js';
import { HubService, type Connection } from '../hub/index.js';
import { Announcer } from './announcer.js';
import { GroupCounts } from './group-counts.js';
import { EXACT_MEMBERS, type WatchedGroup } from './group-watches.js';
import { LastSeen } from './last-seen.js';
import { PresenceRecords } from './presence-records.repository.js';
import type { PresenceSet } from './presence.schema.js';
import { Relations } from './relations.js';
import { Roster } from './roster.js';
import { presenceOf, type Settings, type Standing } from './standing.js';

/** Changes of a user's settings, in {@link CHANGE_WINDOW} milliseconds: each is a commit. */
const CHANGES = 20;
const CHANGE_WINDOW = 10_000;

type Watched = Commands['presence.watch']['reply'];

/**
 * Who is there. Users see one another through {@link get}, within what each lets be seen; services ask {@link isOnline},
 * {@link truth} and {@link lastSeen}. Nothing of it stands on the way of a message, and what is told may be lost.
 *
 * @example
 * if (!presence.isOnline(user)) await push.send(user, message);
 */
@Injectable()
export class PresenceService {
  readonly changes = new FixedWindow(CHANGES, CHANGE_WINDOW);

  constructor(
    private readonly hub: HubService,
    private readonly roster: Roster,
    private readonly announcer: Announcer,
    private readonly records: PresenceRecords,
    private readonly relations: Relations,
    private readonly lastSeenTimes: LastSeen,
    private readonly counts: GroupCounts,
  ) {}

  /** Whether a device of the user is connected at this moment, on whatever node; also when he is invisible. */
  isOnline(user: string): boolean {
    return this.roster.isOnline(user);
  }

  /** Users with a connected device, on all nodes. */
  get onlineCount(): number {
    return this.roster.onlineCount;
  }

  /** Milliseconds since the epoch: now for who is there, undefined for who never was. Rejects when it cannot be read. */
  async lastSeen(user: string): Promise<number | undefined> {
    return (await this.lastSeenOf([user])).get(user);
  }

  /** The same of several; while somebody is invisible it is when he became so. */
  async lastSeenOf(users: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const now = Date.now();
    const standings = await this.standingsOf(users);
    const seen = new Map(await this.lastSeenTimes.of(users));
    for (const user of users)
      if (this.isOnline(user) && standings.get(user)?.settings.choice !== 'invisible') seen.set(user, now);
    return seen;
  }

  /** How users truly are, in the order of the question: for services, never for other users. */
  async truth(users: readonly string[]): Promise<Presence[]> {
    const standings = await this.standingsOf(users);
    return users.map((user) => presenceOf(user, standings.get(user) as Standing, 'self'));
  }

  /** How `viewer` may see users, in the order of the question; without users himself and those of his contacts who are there. */
  async get(viewer: string, users?: readonly string[]): Promise<{ users: Presence[] }> {
    if (users) return { users: await this.look(viewer, users) };
    const contacts = await this.relations.contactsOf(viewer);
    const there = [...contacts].filter((contact) => this.announcer.standingOf(contact));
    const seen = await this.look(viewer, [viewer, ...there]);
    return { users: seen.filter(({ user, state }) => user === viewer || state !== 'offline') };
  }

  /** How the user of a connection, or that connection alone, wants to look. Resolves after the commit. */
  async set(connection: Connection, { state, status, device }: PresenceSet): Promise<Presence> {
    if (device) this.setDevice(connection, { state, status });
    else if (state !== undefined || status !== undefined)
      await this.change(
        connection.userId,
        ({ status: before, ...settings }) => {
          const next = status === undefined ? before : (status ?? undefined);
          return { ...settings, ...(state && { choice: state }), ...(next && { status: next }) };
        },
        status?.expiresAt,
      );
    const [own] = await this.look(connection.userId, [connection.userId]);
    return own as Presence;
  }

  /** Changes what is given of who may see a user; resolves with how it is then. */
  async privacy(user: string, change: Partial<PresencePrivacy>): Promise<PresencePrivacy> {
    const asked = Object.values(change).every((circle) => circle === undefined);
    const { online, lastSeen } = asked
      ? ((await this.standingsOf([user])).get(user) as Standing).settings
      : await this.change(user, (settings) => ({
          ...settings,
          online: change.online ?? settings.online,
          lastSeen: change.lastSeen ?? settings.lastSeen,
        }));
    return { online, lastSeen };
  }

  /** From now on the connection is told about these users; resolves with how they look. */
  async subscribe(connection: Connection, users: readonly string[]): Promise<{ users: Presence[] }> {
    if (connection.closed) return { users: [] };
    this.announcer.subscriptions.add(connection, users);
    return { users: await this.look(connection.userId, users) };
  }

  /** Without users: no subscription is left. */
  unsubscribe(connection: Connection, users?: readonly string[]): void {
    this.announcer.subscriptions.remove(connection, users);
  }

  /** From now on the connection is told who of a group is there. Rejects with `not_found` unless the user is a member. */
  async watch(connection: Connection, id: string): Promise<Watched> {
    await this.hub.attend(connection.userId);
    if (connection.closed || !this.hub.isMember(connection.userId, id))
      throw new AppError(ErrorCode.NotFound);
    const group = this.announcer.watches.add(connection, id);
    try {
      return await this.watched(connection.userId, group);
    } catch (error) {
      this.announcer.watches.remove(connection, id);
      throw error;
    }
  }

  unwatch(connection: Connection, group: string): void {
    this.announcer.watches.remove(connection, group);
  }

  private async watched(viewer: string, group: WatchedGroup): Promise<Watched> {
    if (!group.members)
      this.announcer.watches.setMembers(group, await this.records.membersOf(group.id, EXACT_MEMBERS + 1));
    if (!group.members) {
      const online = await this.counts.count(group.id);
      group.online ??= online;
      return { group: group.id, online };
    }
    const there = [...group.members].filter((each) => each === viewer || this.announcer.standingOf(each));
    const users = (await this.look(viewer, there)).filter(({ state }) => state !== 'offline');
    return { group: group.id, online: users.length, users };
  }

  private async look(viewer: string, users: readonly string[]): Promise<Presence[]> {
    const regards = await this.relations.regardsOf(viewer, users);
    const standings = await this.standingsOf(users);
    const away = users.filter((user) => {
      const { devices, settings } = standings.get(user) as Standing;
      return !devices || settings.choice === 'invisible';
    });
    const seen = await this.lastSeenTimes.of(away);
    return users.map((user) =>
      presenceOf(user, standings.get(user) as Standing, regards(user), seen.get(user)),
    );
  }

  /** As they were told; of who is not there as it is stored. */
  private async standingsOf(users: readonly string[]): Promise<ReadonlyMap<string, Standing>> {
    const unknown = users.filter((user) => !this.announcer.standingOf(user));
    const settings = await this.records.settingsOf(unknown);
    return new Map(
      users.map((user) => {
        const stored = settings.get(user) ?? this.roster.settingsOf(user);
        return [
          user,
          this.announcer.standingOf(user) ?? { devices: this.roster.devicesOf(user), settings: stored },
        ];
      }),
    );
  }

  private setDevice(connection: Connection, { state, status }: Omit<PresenceSet, 'device'>): void {
    if (state === undefined || state === 'invisible') throw invalidField('state', 'online, busy or away');
    if (status !== undefined) throw invalidField('status', 'Not of one device');
    this.roster.setState(connection, state);
    this.announcer.mark(connection.userId);
  }

  private async change(
    user: string,
    how: (settings: Settings) => Settings,
    until?: number,
  ): Promise<Settings> {
    if (until !== undefined && until <= Date.now())
      throw invalidField('status.expiresAt', 'Not in the future');
    const wait = this.changes.take(user);
    if (wait > 0) throw new AppError(ErrorCode.RateLimited, { retryAfter: Math.ceil(wait / 1000) });
    const before = this.announcer.standingOf(user)?.settings.choice;
    const settings = await this.records.change(user, how);
    this.announcer.apply(user, settings);
    if (settings.choice === 'invisible' && before !== 'invisible' && this.isOnline(user))
      this.lastSeenTimes.record(user, Date.now());
    return settings;
  }
}
