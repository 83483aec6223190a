import type { CommandName, Commands, ErrorData, Frame, Hello, HistoryEntry } from '@rookery/protocol';
import { backOff } from './back-off.js';
import { Changes } from './changes.js';
import { RENAMED, type ClientEvents } from './client-events.js';
import type { Settings } from './client-options.js';
import { wait } from './clock.js';
import { Connection } from './connection.js';
import { CursorKeeper } from './cursor-keeper.js';
import { isStored, type Entry } from './entry.js';
import { Files } from './files.js';
import { Marks } from './marks.js';
import { messageOf, type OutboxItem, type SendReceipt } from './outbox-item.js';
import { Outbox } from './outbox.js';
import {
  ClientErrorCode,
  RookeryError,
  fromErrorData,
  isConnectionLost,
  toRookeryError,
} from './rookery-error.js';
import { PresenceWatch } from './presence.js';
import { Snapshot } from './snapshot.js';
import { Timelines } from './timelines.js';
import { Typing } from './typing.js';

export type Emit = <Name extends keyof ClientEvents>(name: Name, data: ClientEvents[Name]) => void;

/** The parts of a client, and what goes from one to the other. */
export class Session {
  hello?: Hello;
  readonly connection: Connection;
  readonly timelines: Timelines;
  readonly outbox: Outbox;
  readonly marks: Marks;
  readonly changes: Changes;
  readonly typing: Typing;
  readonly presence: PresenceWatch;
  readonly files: Files;
  private readonly cursors: CursorKeeper;
  private readonly keptOutbox: Snapshot<readonly OutboxItem[]>;
  private restored?: Promise<void>;

  constructor(
    url: string,
    private readonly settings: Settings,
    private readonly emit: Emit,
  ) {
    const onError = (error: unknown): void => emit('error', toRookeryError(error, ClientErrorCode.Storage));
    const pause = (attempt: number, retryAfter = 0): Promise<void> =>
      wait(settings.clock, backOff(attempt, settings, settings.clock, retryAfter * 1000));
    const onDoubtOver = (): void => this.timelines.release();
    this.connection = this.makeConnection(url);
    this.marks = this.makeMarks();
    this.outbox = new Outbox(
      {
        send: (item, onReply) => this.send(item, onReply),
        pause,
        onSent: (item, receipt) => this.sent(item, receipt),
        onDoubtOver,
        onChange: () => this.outboxChanged(),
        onError,
      },
      settings.maxEnqueuedMessages,
    );
    this.changes = new Changes({
      call: (type, data, user) => this.call(type, data, user),
      pause,
      user: () => this.hello?.user,
      onDoubtOver,
    });
    this.typing = new Typing((data) => this.connection.tell('chat.typing', data), settings.clock);
    this.presence = this.makePresence();
    this.files = new Files(settings.httpUrl ?? url.replace(/^ws/, 'http'), this.connection.tokens);
    this.timelines = new Timelines({
      history: (conversation, after) =>
        this.connection.request('chat.history', { conversation, after, limit: 200 }),
      pause,
      mayLack: (entry) => this.outbox.mayHaveStored(entry) || this.changes.mayHaveStored(entry),
      emit: (entry) => this.emitEntry(entry),
      onMoved: (conversation, position) => this.moved(conversation, position),
      onError,
    });
    const key = (name: string): string => `rookery.${settings.device ?? ''}.${name}`;
    this.keptOutbox = new Snapshot(settings.storage, key('outbox'), () => this.outbox.toKeep(), onError);
    const keptCursors = new Snapshot(
      settings.storage,
      key('cursors'),
      () => this.timelines.cursors(),
      onError,
    );
    this.cursors = new CursorKeeper(keptCursors, settings.clock);
  }

  disconnect(): void {
    this.flush();
    this.connection.disconnect();
  }

  /** Tells and keeps at once what gathers for later. */
  private flush(): void {
    this.marks.flush();
    this.cursors.flush();
  }

  /** Waits for a connection, and asks again on the next when one is lost: for the same user, if there has been one. */
  async call<Name extends CommandName>(
    type: Name,
    data: Commands[Name]['data'],
    user = this.hello?.user,
  ): Promise<Commands[Name]['reply']> {
    for (;;) {
      await this.connection.ready();
      if ((user ??= this.hello?.user) !== this.hello?.user) throw otherUser();
      try {
        return await this.connection.request(type, data, (reply) => this.answered(type, reply));
      } catch (error) {
        if (!isConnectionLost(error)) throw error;
      }
    }
  }

  private makeConnection(url: string): Connection {
    return new Connection(url, this.settings, {
      prepare: () => this.restore(),
      onState: (change) => this.emit('stateChange', change),
      onHello: (hello) => this.greeted(hello),
      onLost: () => this.lost(),
      onLeaving: () => this.flush(),
      onFrame: (frame) => this.received(frame),
      onError: (error) => this.emit('error', error),
    });
  }

  private makeMarks(): Marks {
    const { clock, markDelay } = this.settings;
    return new Marks(
      {
        request: (type, position) => this.connection.request(type, position),
        tell: (type, position) => this.connection.tell(type, position),
        onError: (error) => this.emit('error', error),
      },
      clock,
      markDelay,
    );
  }

  private makePresence(): PresenceWatch {
    return new PresenceWatch({
      connected: () => this.connection.state === 'connected',
      request: (type, data) => this.connection.request(type, data),
      tell: (type, data) => this.connection.tell(type, data),
      onUsers: (users) => this.emit('presence.changed', { users }),
      onGroup: ({ users, ...group }) => {
        if (users) this.emit('presence.changed', { users });
        this.emit('presence.group', group);
      },
      onError: (error) => this.emit('error', error),
    });
  }

  /** Reads what an earlier life has kept, once: before the first connection, and before the outbox is kept again. */
  private restore(): Promise<void> {
    return (this.restored ??= this.readBack());
  }

  private async readBack(): Promise<void> {
    const [items, cursors] = await Promise.all([this.keptOutbox.load(), this.cursors.load()]);
    if (items) this.outbox.restore(items);
    this.timelines.restore(cursors);
    this.keptOutbox.begin();
    this.cursors.begin();
    if (items) this.emit('pendingChange', this.outbox.pending);
  }

  private outboxChanged(): void {
    void this.restore();
    this.keptOutbox.save();
    this.emit('pendingChange', this.outbox.pending);
  }

  private greeted(hello: Hello): void {
    if (this.hello && this.hello.user !== hello.user) {
      this.marks.clear();
      this.presence.clear();
    }
    this.hello = hello;
    this.timelines.greeted(hello.user);
    this.outbox.greeted(hello.user);
    this.marks.greeted();
    this.presence.greeted();
  }

  private lost(): void {
    this.timelines.lost();
    this.outbox.lost();
    this.typing.lost();
  }

  private received({ type, data }: Frame): void {
    if (type === 'error') return this.emit('error', fromErrorData(data as ErrorData));
    if (isStored(data)) return this.timelines.push({ event: type, data } as Entry);
    if (type === 'chat.synced') this.timelines.synced();
    this.emitAs(type, data);
  }

  /** Nobody pushes to this device what it did itself; groups do. */
  private answered(type: CommandName, reply: unknown): void {
    if (type.startsWith('chat.') && isStored(reply)) this.timelines.expect(reply);
  }

  private emitEntry({ event, data }: Entry): void {
    if (event === 'chat.message' && data.from === this.hello?.user) this.outbox.confirm(data);
    this.emit('entry', { ...data, event } as HistoryEntry);
    this.emitAs(event, data);
  }

  /** Names of the protocol have a dot, those of the client have none. */
  private emitAs(type: string, data: unknown): void {
    const name = RENAMED[type as keyof typeof RENAMED] ?? type;
    if (type.includes('.')) this.emit(name as keyof ClientEvents, data as never);
  }

  private moved(conversation: string, position: number): void {
    this.cursors.save();
    if (this.settings.autoDelivered) this.marks.delivered(conversation, position);
  }

  private send(
    { target, draft, clientId }: OutboxItem,
    onReply: (receipt: SendReceipt) => void,
  ): Promise<SendReceipt> {
    return this.connection.request('chat.send', { ...target, ...draft, clientId }, onReply);
  }

  private sent(item: OutboxItem, receipt: SendReceipt): void {
    this.timelines.acknowledge(messageOf(item, item.user ?? '', receipt));
  }
}

const otherUser = (): RookeryError =>
  new RookeryError(ClientErrorCode.Aborted, 'Another user has signed in meanwhile');
