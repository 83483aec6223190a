import type {
  CommandName,
  Commands,
  ConversationState,
  Hello,
  MessageDraft,
  Target,
} from '@rookery/protocol';
import type { ChangeName } from './changes.js';
import type { ClientEvents } from './client-events.js';
import { withDefaults, type ClientOptions } from './client-options.js';
import { Emitter } from './emitter.js';
import type { Attachment, FileOptions } from './files.js';
import type { OutboxItem, SendReceipt } from './outbox-item.js';
import type { SendOptions } from './outbox.js';
import { Session } from './session.js';
import type { State } from './state.js';

type History = Commands['chat.history'];
export type HistoryRange = { [Name in 'before' | 'after' | 'limit']?: History['data'][Name] | undefined };

/**
 * A user's device. `send` and the marks may be called in every state and survive any number of reconnects; what reads
 * from the server waits for a connection while one is being made.
 */
export class RookeryClient extends Emitter<ClientEvents> {
  private readonly session: Session;

  /** `url`: of the WebSocket, for example `wss://chat.example.org/ws`. */
  constructor(url: string, options: ClientOptions) {
    super();
    this.session = new Session(url, withDefaults(options), (name, data) => this.emit(name, data));
  }

  get state(): State {
    return this.session.connection.state;
  }

  /** The last hello: identity, heartbeat and limits; undefined before the first. */
  get hello(): Hello | undefined {
    return this.session.hello;
  }

  /** Who the server says this is. */
  get user(): string | undefined {
    return this.session.hello?.user;
  }

  /** What was given to `send` and is not confirmed yet, the oldest first. */
  get pending(): readonly OutboxItem[] {
    return this.session.outbox.pending;
  }

  connect(): void {
    this.session.connection.connect();
  }

  /** The outbox keeps what it has for the next `connect`. */
  disconnect(): void {
    this.session.disconnect();
  }

  /** Resolves when connected; rejects with `disconnected` when that will not happen by itself. */
  ready(): Promise<void> {
    return this.session.connection.ready();
  }

  /**
   * Resolves when the server has stored the message. Until then it is repeated, on this connection or the next, with
   * the same client id. Rejects with an error that a retry cannot help, with `aborted`, or with `outbox_full`.
   * Messages to one target are sent one after another: name a conversation always in the same way.
   */
  send(target: Target, draft: MessageDraft, options?: SendOptions): Promise<SendReceipt> {
    this.session.typing.sent(target);
    return this.session.outbox.add(target, draft, options);
  }

  /** The user has seen everything up to `seq`. Told to the server soon, or after the next connect. */
  markRead(conversation: string, seq: number): void {
    this.session.marks.read(conversation, seq);
  }

  /** Everything up to `seq` is on this device. Needed only with `autoDelivered: false`. */
  markDelivered(conversation: string, seq: number): void {
    this.session.marks.delivered(conversation, seq);
  }

  /** A page of a conversation: the newest entries, or those `before` or `after` a number. */
  history(target: Target, range: HistoryRange = {}): Promise<History['reply']> {
    return this.call('chat.history', { ...target, ...range });
  }

  /** The user's conversations, the last moved first, page by page. What they have more than this device is read. */
  async *sync(limit = 50): AsyncGenerator<ConversationState[], void, undefined> {
    let next: string | null = null;
    do {
      const page: Commands['chat.sync']['reply'] = await this.call('chat.sync', {
        limit,
        ...(next !== null && { cursor: next }),
      });
      for (const { conversation, head } of page.conversations)
        this.session.timelines.knowsHead(conversation, head);
      yield page.conversations;
      ({ next } = page);
    } while (next !== null);
  }

  /**
   * For every key that is pressed: it is told at once and then every 3 seconds, and ended by itself after 4 seconds
   * without a call. Droppable: told only while connected, and never queued. False: it was dropped.
   */
  typing(target: Target, active = true): boolean {
    return this.session.typing.set(target, active);
  }

  /**
   * Any command that takes a `clientId`: joining, editing, reacting, … It waits for a connection and is repeated under
   * one client id, which is made unless given, so that it is done once. Those to one target are done one after another.
   * Rejects with what a retry cannot help, or with `disconnected`. In memory only: a reload forgets it.
   */
  change<Name extends ChangeName>(
    type: Name,
    data: Commands[Name]['data'],
  ): Promise<Commands[Name]['reply']> {
    return this.session.changes.run(type, data);
  }

  /**
   * Stores a file and resolves with its address, for the content of a message. Rejects with what the server said,
   * `connection_lost` or `aborted`; it is not repeated by itself.
   */
  upload(file: Blob, name?: string, options: FileOptions = {}): Promise<Attachment> {
    return this.session.files.upload(file, name, options);
  }

  /** The bytes behind the `url` of a message. The token goes to the own server only. */
  download(url: string, options: FileOptions = {}): Promise<Blob> {
    return this.session.files.download(url, options);
  }

  /**
   * From now on `presence.changed` tells about these users, through any number of reconnects; at once how they look now.
   * Contacts need no subscription. At most 500: beyond it there is an `error` event.
   */
  subscribePresence(users: readonly string[]): void {
    this.session.presence.subscribe(users);
  }

  unsubscribePresence(users: readonly string[]): void {
    this.session.presence.unsubscribe(users);
  }

  /**
   * The same for the members of a group: `presence.group` tells how many are there, and of a small group
   * `presence.changed` who. At most 50 groups.
   */
  watchGroup(group: string): void {
    this.session.presence.watch(group);
  }

  unwatchGroup(group: string): void {
    this.session.presence.unwatch(group);
  }

  /** Any command, without waiting for its answer. Droppable like {@link typing}. */
  tell<Name extends CommandName>(type: Name, data: Commands[Name]['data']): boolean {
    return this.session.connection.tell(type, data);
  }

  /**
   * Any command that may be repeated without harm: it waits for a connection, and is asked again on the next when one
   * is lost. Rejects with what the server answered, with `timeout`, or with `disconnected`.
   */
  call<Name extends CommandName>(type: Name, data: Commands[Name]['data']): Promise<Commands[Name]['reply']> {
    return this.session.call(type, data);
  }
}
