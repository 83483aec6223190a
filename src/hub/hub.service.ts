import { Injectable, type OnModuleInit } from '@nestjs/common';
import { CloseCode } from '@rookery/protocol';
import { Deferred, EventBus } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import {
  JournalService,
  NAMELESS_DEVICE,
  type Backlog,
  type Committed,
  type Entry,
  type Page,
} from '../journal/index.js';
import { Metrics } from '../metrics/index.js';
import { audienceOf } from './audience.js';
import { UNKNOWN_PLATFORM, type Connection } from './connection.js';
import type { DurableSink, DurableSource } from './durable-stream.js';
import { EventPresenters, type EntryReader } from './event-presenters.js';
import { FanOut } from './fan-out.js';
import { GroupInterest } from './group-interest.js';
import { HubEvent } from './hub-event.js';
import { ConnectionClosed, ConnectionOpened, MembershipChanged } from './hub.events.js';
import { LocaleLearner } from './locale-learner.js';
import { loopTurns } from './loop-turns.js';
import { type MembershipEffect, MembershipEffects } from './membership-effects.js';
import { replacedBy, type Newcomer } from './session-policy.js';
import { KEPT_SIZE, SharedPages } from './shared-pages.js';

export interface DisconnectOptions {
  /** Default `CloseCode.Disconnected`. */
  code?: CloseCode;
  /** Shown to the client; at most 123 bytes. */
  reason?: string;
  /** Only this device. */
  device?: string;
}

export interface PushOptions {
  /** Id of a connection that must not get it. */
  except?: string;
  /** A user none of whose connections gets it. */
  exceptUser?: string;
}

const NO_EFFECT: MembershipEffect = {};
const NOBODY: readonly string[] = [];

/** Moves a delivered cursor; settles after the commit, and never throws. */
export type DeliveryMark = (connection: Connection, conversation: string, seq: number) => Deferred<null>;

/**
 * The connections of this node and the way to them.
 *
 * `sendToUser`, `sendToUsers` and `broadcast` push live events to whoever is connected at the moment: a user who is
 * offline is no error, and an event is shed when a socket is congested. What must not be lost goes through
 * `MessageService` or `NotificationService`: they store it, and the hub delivers stored entries by itself.
 */
@Injectable()
export class HubService implements OnModuleInit {
  private readonly connections = new Map<string, Connection>();
  private readonly byUser = new Map<string, readonly Connection[]>();
  private readonly interest = new GroupInterest();
  private readonly locales = new LocaleLearner((user) => this.presenters.localeOf(user));
  private readonly registered: ((connection: Connection) => void)[] = [];
  private mark: DeliveryMark = () => new Deferred();

  private readonly pages = new SharedPages({
    read: (conversation, range, user) => this.journal.read(conversation, range, user),
    visibility: (user, conversation, stretch) => this.journal.visibility(user, conversation, stretch),
    present: (entry) => this.presenters.present(entry),
  });

  /** The way of entries that many get. */
  readonly fanOut = new FanOut({
    visit: (conversation, visitor) => this.visit(conversation, visitor),
    includes: ({ id, userId }, conversation) =>
      this.connections.has(id) &&
      (audienceOf(conversation) === 'everyone' || this.interest.isMember(userId, conversation)),
  });

  /** What connections re-read from. */
  readonly source: DurableSource = {
    read: (conversation, range, user) =>
      this.pages.read(conversation, range, audienceOf(conversation) === 'everyone' ? undefined : user),
    backlog: (user, device, page) => this.backlog(user, device, page),
    present: (entry, sink) => {
      const filter = this.presenters.filterOf(entry);
      return !filter || filter(this.readerAt(sink)) ? this.pages.present(entry) : undefined;
    },
    onPageRead: () => this.metrics.catchUpReads.inc(),
    background: (slice) => loopTurns.background(slice),
    settleOwn: ({ userId, device = NAMELESS_DEVICE }, conversation, seq) => {
      // Only saves work the next time: a failure costs that, and nothing else.
      this.journal.mark({ conversation, user: userId, device, delivered: seq }).catch(() => undefined);
    },
  };

  constructor(
    private readonly config: AppConfig,
    private readonly journal: JournalService,
    private readonly presenters: EventPresenters,
    private readonly effects: MembershipEffects,
    private readonly metrics: Metrics,
    private readonly bus: EventBus,
  ) {}

  onModuleInit(): void {
    this.journal.onCommitted((committed) => this.bring(committed));
    this.journal.onBatchTold(() => this.fanOut.flush());
    this.journal.onReplaced((conversation) => this.pages.forget(conversation));
    this.metrics.bounds.add('shared_pages', { limit: KEPT_SIZE, used: () => this.pages.size });
    this.metrics.connectionsMax.set(this.config.ws.maxConnections);
  }

  /** Pushes a live event to every connection of a user; returns how many it was written to. */
  sendToUser(userId: string, type: string, data: unknown, options: PushOptions = {}): number {
    return this.sendToUsers([userId], type, data, options);
  }

  /** Like {@link sendToUser} for several users; encoded once. */
  sendToUsers(userIds: Iterable<string>, type: string, data: unknown, options: PushOptions = {}): number {
    const event = new HubEvent(type, data);
    let written = 0;
    for (const userId of new Set(userIds)) {
      const connections = userId === options.exceptUser ? undefined : this.byUser.get(userId);
      if (!connections) continue;
      for (const connection of connections)
        if (connection.id !== options.except && connection.sendEphemeral(event)) written++;
    }
    return written;
  }

  /** Pushes a live event to every connection but those of `exceptUsers`; returns how many it was written to. */
  broadcast(type: string, data: unknown, exceptUsers?: ReadonlySet<string>): number {
    const event = new HubEvent(type, data);
    let written = 0;
    for (const connection of this.connections.values())
      if (!exceptUsers?.has(connection.userId) && connection.sendEphemeral(event)) written++;
    return written;
  }

  /** Like {@link sendToUser} for those of a conversation's members who are connected; encoded once. */
  sendToConversation(conversation: string, type: string, data: unknown, options: PushOptions = {}): number {
    return this.sendToUsers(this.audience(conversation), type, data, options);
  }

  isOnline(userId: string): boolean {
    return this.byUser.has(userId);
  }

  get onlineCount(): number {
    return this.byUser.size;
  }

  get connectionCount(): number {
    return this.connections.size;
  }

  connectionsOf(userId: string): readonly Connection[] {
    return this.byUser.get(userId) ?? [];
  }

  /** How many connections of a user stay when one with this description arrives. */
  staying(userId: string, { device, platform = UNKNOWN_PLATFORM }: Partial<Newcomer>): number {
    const present = this.connectionsOf(userId);
    return present.length - replacedBy({ device, platform }, present, this.config.ws.sessionPolicy).length;
  }

  all(): IterableIterator<Connection> {
    return this.connections.values();
  }

  /** Users with at least one connection, in order of their ids, `limit` at a time; `cursor` is the `next` of the page before. */
  onlineUsers(options: { limit?: number; cursor?: string } = {}): Page<string> {
    const { limit = 1000, cursor } = options;
    const ids = [...this.byUser.keys()].sort();
    const start = cursor === undefined ? 0 : firstAbove(ids, cursor);
    const items = ids.slice(start, start + limit);
    return { items, next: start + limit < ids.length ? (items.at(-1) ?? null) : null };
  }

  /** Closes a user's connections; returns how many. The default code tells clients not to come back by themselves. */
  disconnect(userId: string, options: DisconnectOptions = {}): number {
    const { code = CloseCode.Disconnected, reason = 'disconnected', device } = options;
    const chosen = this.connectionsOf(userId).filter(
      (each) => device === undefined || each.device === device,
    );
    for (const connection of chosen) {
      this.unregister(connection);
      connection.close(code, reason);
    }
    return chosen.length;
  }

  /** Takes a connection in. From here on it is offered every entry that is for its user. */
  register(connection: Connection): void {
    const { userId } = connection;
    this.fanOut.flush();
    for (const older of replacedBy(connection, this.connectionsOf(userId), this.config.ws.sessionPolicy)) {
      this.unregister(older);
      older.close(CloseCode.Replaced, 'replaced by a newer connection');
    }
    this.connections.set(connection.id, connection);
    this.byUser.set(userId, [...this.connectionsOf(userId), connection]);
    this.count();
    this.locales.learn(connection);
    for (const listener of this.registered) listener(connection);
    if (this.bus.has(ConnectionOpened)) this.bus.publish(new ConnectionOpened(connection));
  }

  /** Resolves when it is known which groups a connected user gets entries of. Rejects when it could not be read. */
  async attend(userId: string): Promise<void> {
    if (this.byUser.has(userId))
      await this.interest.load(userId, async () => ({ groups: await this.journal.groupsOf(userId) }));
  }

  /** `mark` is what moves the cursors of a connection's user and device. */
  markWith(mark: DeliveryMark): void {
    this.mark = mark;
  }

  /** For a client that cannot say itself how far it has come: up to `seq` is on its device. Settles after the commit; never throws. */
  markDelivered(connection: Connection, conversation: string, seq: number): Deferred<null> {
    return this.mark(connection, conversation, seq);
  }

  /** Whether a user who is connected here, and attended, is a member of a group now. */
  isMember(userId: string, group: string): boolean {
    return this.interest.isMember(userId, group);
  }

  /**
   * A user as the reader of entries that are not for everybody. `roles` are those of his token; absent: of the tokens
   * he is connected with.
   */
  async readerOf(userId: string, roles?: readonly string[]): Promise<EntryReader> {
    const held = roles ?? this.connectionsOf(userId).flatMap(({ principal }) => principal.roles);
    const groups = new Set(await this.journal.groupsOf(userId));
    return { userId, roles: held, isMember: (group) => groups.has(group) };
  }

  /** Calls the listener for every connection that is taken in. One that throws keeps it out: be quick, and do not. */
  onRegistered(listener: (connection: Connection) => void): void {
    this.registered.push(listener);
  }

  /** Users connected here for whom the entries of a conversation are. */
  audience(conversation: string): Iterable<string> {
    const audience = audienceOf(conversation);
    if (audience === 'everyone') return this.byUser.keys();
    return audience === 'members' ? this.interest.usersOf(conversation) : audience;
  }

  /** Lets a connection go; harmless when it has gone already. */
  unregister(connection: Connection): void {
    this.fanOut.bringTo(connection);
    if (!this.connections.delete(connection.id)) return;
    const staying = this.connectionsOf(connection.userId).filter((each) => each !== connection);
    if (staying.length > 0) this.byUser.set(connection.userId, staying);
    else this.leave(connection.userId);
    this.count();
    if (this.bus.has(ConnectionClosed)) this.bus.publish(new ConnectionClosed(connection));
  }

  private bring({ entry, origin }: Committed): void {
    const { joined = NOBODY, left = NOBODY } = this.effects.of(entry) ?? NO_EFFECT;
    if (joined.length + left.length === 0) return this.offer(entry, origin);
    this.fanOut.flush();
    for (const user of joined)
      if (this.byUser.has(user)) this.interest.change(user, entry.conversation, true);
    this.offer(entry, origin);
    this.fanOut.flush();
    for (const user of left) this.interest.change(user, entry.conversation, false);
    if (this.bus.has(MembershipChanged))
      this.bus.publish(new MembershipChanged(entry.conversation, joined, left));
  }

  /** With the first page, what is needed to be told of groups: live entries of them come from before it is complete. */
  private async backlog(
    user: string,
    device: string | undefined,
    page: { cursor?: string; limit: number },
  ): Promise<Page<Backlog>> {
    if (page.cursor !== undefined) return this.journal.backlog(user, device, page);
    const arrival = await this.interest.load(user, () => this.journal.arrival(user, device, page.limit));
    return arrival?.backlog ?? this.journal.backlog(user, device, page);
  }

  private offer(entry: Entry, origin: string | undefined): void {
    const event = this.presenters.present(entry);
    if (!event) return;
    const audience = audienceOf(entry.conversation);
    if (audience === 'everyone') return this.offerToAll(entry, event);
    if (audience !== 'members') return this.offerTo(audience, entry, event, origin);
    this.interest.moved();
    this.fanOut.add(entry, event, origin === undefined ? undefined : this.connections.get(origin));
  }

  private offerTo(users: readonly string[], entry: Entry, event: HubEvent, origin: string | undefined): void {
    for (const user of users)
      for (const connection of this.connectionsOf(user))
        if (connection.id !== origin) connection.offer(entry, event);
  }

  private offerToAll(entry: Entry, event: HubEvent): void {
    const filter = this.presenters.filterOf(entry);
    if (!filter) return this.fanOut.add(entry, event);
    this.fanOut.flush();
    for (const connection of this.connections.values())
      if (filter(this.readerAt(connection))) connection.offer(entry, event);
  }

  private visit(conversation: string, visitor: (connection: Connection) => void): void {
    if (audienceOf(conversation) === 'everyone') return this.connections.forEach(visitor);
    for (const user of this.interest.usersOf(conversation)) this.byUser.get(user)?.forEach(visitor);
  }

  private readerAt({ userId, principal }: DurableSink): EntryReader {
    return { userId, roles: principal.roles, isMember: (group) => this.interest.isMember(userId, group) };
  }

  private leave(userId: string): void {
    this.byUser.delete(userId);
    this.interest.forget(userId);
  }

  private count(): void {
    this.metrics.connections.set(this.connections.size);
    this.metrics.onlineUsers.set(this.byUser.size);
  }
}

/** Index of the first id above `cursor` in a sorted list. */
function firstAbove(ids: readonly string[], cursor: string): number {
  const index = ids.findIndex((id) => id > cursor);
  return index < 0 ? ids.length : index;
}
