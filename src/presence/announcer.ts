import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger } from '@nestjs/common';
import type { Presence } from '@rookery/protocol';
import { EventBus } from '../common/index.js';
import { HubEvent, HubService, type Connection } from '../hub/index.js';
import { Metrics } from '../metrics/index.js';
import { GroupWatches, type WatchedGroup } from './group-watches.js';
import { LastSeen } from './last-seen.js';
import { LeaseKeeper } from './lease-keeper.js';
import { Outbox, type Delivery } from './outbox.js';
import { PresenceChanged } from './presence.events.js';
import { PresenceRecords } from './presence-records.repository.js';
import { Relations } from './relations.js';
import { Roster } from './roster.js';
import { presenceOf, samePresence, stateOf, type Regard, type Settings, type Standing } from './standing.js';
import { Subscriptions } from './subscriptions.js';

/** Users who are looked at together. */
const BATCH = 200;
/** Milliseconds in which changes gather before they are looked at, and between two looks at who may be told. */
const GATHER = 100;
/** Milliseconds between two frames to one receiver. */
const FRAME_INTERVAL = 1_000;
/** Users in one frame. */
export const USERS_PER_FRAME = 200;
export const PENDING_CAPACITY = 200_000;
/** Milliseconds after a failure of the store or of the directory. */
const RETRY = 1_000;

const REGARDS: readonly Regard[] = ['self', 'contact', 'stranger', 'blocked'];

const NOT_KNOWN: ReadonlyMap<string, number> = new Map();
const NO_RECEIVERS: ReadonlySet<Connection> = new Set();

/** `shown`: what somebody was shown meanwhile, which is neither. `ownToo`: his own devices are to know. */
type Change = readonly [
  user: string,
  before: Standing,
  after: Standing,
  shown: readonly Standing[],
  ownToo: boolean,
];

/**
 * Tells those who may know it that a user looks different. What was told of a user who is there is remembered: only a
 * difference to that is told, so coming and going within the grace costs nobody anything.
 */
@Injectable()
export class Announcer {
  readonly subscriptions = new Subscriptions();
  readonly watches = new GroupWatches();
  readonly outbox: Outbox<Connection>;
  /** Called when somebody came, went, or changed. */
  onChange: () => void = () => undefined;
  /** Called with a connection that has to be told everything anew. */
  onOverflow: (connection: Connection) => void = () => undefined;

  private readonly logger = new Logger('Presence');
  private readonly told = new Map<string, Standing>();
  /** What was told of users whose change could not be told yet. */
  private readonly owed = new Map<string, Standing>();
  private readonly dirty = new Set<string>();
  /** What was shown before it was told: who saw it has to be told also if it is over by then. */
  private readonly shown = new Map<string, Standing[]>();
  /** Users whose settings are being read, and have not been changed meanwhile. */
  private readonly loading = new Set<string>();
  /** Users who changed their settings: their own devices are to know. */
  private readonly chosen = new Set<string>();
  private running = false;
  private stopped = false;
  private flushing?: NodeJS.Timeout;

  constructor(
    private readonly hub: HubService,
    private readonly roster: Roster,
    private readonly records: PresenceRecords,
    private readonly relations: Relations,
    private readonly leases: LeaseKeeper,
    private readonly lastSeen: LastSeen,
    private readonly bus: EventBus,
    private readonly metrics: Metrics,
  ) {
    this.outbox = new Outbox({
      interval: FRAME_INTERVAL,
      frame: USERS_PER_FRAME,
      capacity: PENDING_CAPACITY,
      deliver: (connection, users) => this.push(connection, 'presence.changed', { users }),
      onOverflow: (connection) => this.onOverflow(connection),
    });
  }

  /** As it is, told or about to be; undefined: the user is not there, or his settings are not known yet. */
  standingOf(user: string): Standing | undefined {
    const told = this.told.get(user);
    if (!told) return undefined;
    const standing = this.roster.standingOf(user);
    if (!isSame(standing, told)) this.remember(user, standing);
    return standing;
  }

  /** Users who are there. */
  present(): IterableIterator<string> {
    return this.told.keys();
  }

  get size(): number {
    return this.told.size;
  }

  /** Something about a user may be different. */
  mark(user: string): void {
    this.dirty.add(user);
    if (!this.running && !this.stopped) void this.run();
  }

  /** A user wants to look different from now on. */
  apply(user: string, settings: Settings): void {
    const loading = this.loading.delete(user);
    if (!loading && !this.told.has(user) && !this.dirty.has(user)) return;
    if (loading || this.told.has(user)) this.roster.setSettings(user, settings);
    this.chosen.add(user);
    this.mark(user);
  }

  /** Tells connections how a user looks now, whether that is new or not. */
  async show(user: string, connections: readonly Connection[]): Promise<void> {
    const regards = await this.relations.regardsTo(user, viewersOf(connections));
    const standing = this.standingOf(user) ?? { settings: this.roster.settingsOf(user) };
    for (const connection of connections)
      this.put(connection, presenceOf(user, standing, regards(connection.userId)));
  }

  put(connection: Connection, presence: Presence): void {
    if (connection.closed) return;
    this.outbox.put(connection, presence);
    this.flushing ??= setTimeout(() => this.flush(), GATHER);
  }

  /** An ephemeral event of presence. */
  push(connection: Connection, type: string, data: unknown): Delivery {
    if (connection.closed) return 'gone';
    if (!connection.sendEphemeral(new HubEvent(type, data))) return 'later';
    this.metrics.presenceFrames.inc({ event: type });
    return 'sent';
  }

  /** A connection has gone: it is told nothing more. */
  forget(connection: Connection): void {
    this.subscriptions.remove(connection);
    this.watches.remove(connection);
    this.outbox.forget(connection);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.flushing);
  }

  private flush(): void {
    this.outbox.flush(performance.now());
    this.flushing = this.outbox.idle || this.stopped ? undefined : setTimeout(() => this.flush(), GATHER);
  }

  private async run(): Promise<void> {
    this.running = true;
    while (this.dirty.size > 0 && !this.stopped) {
      // What comes singly waits for company, so that many do not cost a question each.
      if (this.dirty.size < BATCH) await delay(GATHER);
      await this.settleSome();
    }
    this.running = false;
  }

  private async settleSome(): Promise<void> {
    const batch = takeFrom(this.dirty, BATCH);
    try {
      await this.settle(batch);
    } catch (error) {
      for (const user of batch) this.dirty.add(user);
      this.logger.warn({ err: error, users: batch.length }, 'Presence could not be told; it will be');
      await delay(RETRY);
    }
  }

  private async settle(batch: readonly string[]): Promise<void> {
    await this.loadSettings(batch.filter((user) => !this.told.has(user) && this.roster.devicesOf(user)));
    const changes = batch.map((user) => this.look(user));
    this.onChange();
    const unseen = changes.filter(
      ([, , { devices, settings }]) => !devices || settings.choice === 'invisible',
    );
    this.leases.hold(batch.map((user) => ({ user, devices: this.roster.localDevices(user) })));
    // Without it what is told is still true.
    const lastSeen = await this.lastSeen.of(unseen.map(([user]) => user)).catch(() => NOT_KNOWN);
    const outcomes = await Promise.allSettled(
      changes.map((change) => this.announce(change, lastSeen.get(change[0]))),
    );
    for (const [index, outcome] of outcomes.entries()) {
      const [user, before, , shown, ownToo] = changes[index] as Change;
      if (outcome.status === 'fulfilled' && outcome.value === 'told') this.owed.delete(user);
      else {
        this.owed.set(user, before);
        if (ownToo) this.chosen.add(user);
        for (const standing of shown) this.remember(user, standing);
      }
    }
    const failed = outcomes.find((outcome) => outcome.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private async loadSettings(users: readonly string[]): Promise<void> {
    if (users.length === 0) return;
    for (const user of users) this.loading.add(user);
    const found = await this.records.settingsOf(users);
    for (const user of users) if (this.loading.delete(user)) this.roster.setSettings(user, found.get(user));
  }

  private look(user: string): Change {
    const after = this.roster.standingOf(user);
    const before = this.owed.get(user) ?? this.told.get(user) ?? { settings: after.settings };
    if (after.devices) this.told.set(user, after);
    else {
      this.told.delete(user);
      this.roster.setSettings(user, undefined);
    }
    const shown = this.shown.get(user) ?? [];
    this.shown.delete(user);
    return [user, before, after, shown, this.chosen.delete(user)];
  }

  private remember(user: string, standing: Standing): void {
    const shown = this.shown.get(user) ?? [];
    if (shown.some((each) => isSame(each, standing))) return;
    this.shown.set(user, [...shown, standing]);
  }

  /** `superseded`: the user changed meanwhile who may see him, and is about to be looked at again. */
  private async announce(
    [user, before, after, shown, ownToo]: Change,
    lastSeen?: number,
  ): Promise<'told' | 'superseded'> {
    if (before === after && shown.length === 0 && !ownToo) return 'told';
    const views = new Map<Regard, Presence>();
    for (const regard of REGARDS) {
      const view = presenceOf(user, after, regard, lastSeen);
      const isNews = (seen: Standing): boolean => !samePresence(presenceOf(user, seen, regard), view);
      // Others may have been told already what he had stored and not been answered yet.
      const isOwed = ownToo && regard === 'self';
      if (isOwed || isNews(before) || shown.some(isNews)) views.set(regard, view);
    }
    const contactView = views.get('contact');
    if (contactView && this.bus.has(PresenceChanged))
      this.bus.publish(new PresenceChanged(contactView, stateOf(before)));
    const receivers = views.size > 0 ? await this.receiversOf(user, views, ownToo) : NO_RECEIVERS;
    if (receivers.size === 0) return 'told';
    const regards = await this.relations.regardsTo(user, viewersOf(receivers));
    if (after.devices && this.roster.settingsOf(user) !== after.settings) return 'superseded';
    for (const connection of receivers) {
      const view = views.get(regards(connection.userId));
      if (view) this.put(connection, view);
    }
    return 'told';
  }

  private async receiversOf(
    user: string,
    views: ReadonlyMap<Regard, Presence>,
    ownToo: boolean,
  ): Promise<ReadonlySet<Connection>> {
    const receivers = new Set<Connection>(ownToo ? this.hub.connectionsOf(user) : []);
    const contacts = views.has('contact') ? await this.relations.contactsOf(user) : [];
    for (const contact of contacts) for (const each of this.hub.connectionsOf(contact)) receivers.add(each);
    for (const each of this.subscriptions.to(user)) receivers.add(each);
    for (const group of this.watches.withMember(user))
      for (const each of this.watchersOf(group, user)) receivers.add(each);
    return receivers;
  }

  /** Whoever is a member no more learns nothing of the others, and they nothing of him. */
  private *watchersOf({ id, watchers }: WatchedGroup, user: string): Iterable<Connection> {
    if (this.hub.isOnline(user) && !this.hub.isMember(user, id)) return;
    for (const each of watchers) if (each.userId !== user && this.hub.isMember(each.userId, id)) yield each;
  }
}

const isSame = (a: Standing, b: Standing): boolean => a.devices === b.devices && a.settings === b.settings;

function viewersOf(connections: Iterable<Connection>): string[] {
  return [...new Set([...connections].map(({ userId }) => userId))];
}

function takeFrom<T>(items: Set<T>, count: number): T[] {
  const taken: T[] = [];
  for (const item of items) {
    if (taken.length >= count) break;
    taken.push(item);
  }
  for (const item of taken) items.delete(item);
  return taken;
}
