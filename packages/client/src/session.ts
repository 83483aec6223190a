import type { CommandName, Commands, ErrorData, Frame, Hello, HistoryEntry } from '@rookery/protocol';
import { backOff } from './back-off.js';
import type { ClientEvents } from './client-events.js';
import type { Settings } from './client-options.js';
import { wait } from './clock.js';
import { Connection } from './connection.js';
import { CursorKeeper } from './cursor-keeper.js';
import { entryOf, type Entry } from './entry.js';
import { Marks } from './marks.js';
import { messageOf, type OutboxItem, type SendReceipt } from './outbox-item.js';
import { Outbox } from './outbox.js';
import { ClientErrorCode, fromErrorData, isConnectionLost, toRookeryError } from './rookery-error.js';
import { Snapshot } from './snapshot.js';
import { Timelines } from './timelines.js';

export type Emit = <Name extends keyof ClientEvents>(name: Name, data: ClientEvents[Name]) => void;

/** Events that are passed on as they come. */
const PLAIN = { 'chat.receipt': 'receipt', 'chat.typing': 'typing' } as const;

/** The parts of a client, and what goes from one to the other. */
export class Session {
  hello?: Hello;
  readonly connection: Connection;
  readonly timelines: Timelines;
  readonly outbox: Outbox;
  readonly marks: Marks;
  private readonly cursors: CursorKeeper;
  private readonly keptOutbox: Snapshot<readonly OutboxItem[]>;

  constructor(
    url: string,
    private readonly settings: Settings,
    private readonly emit: Emit,
  ) {
    const onError = (error: unknown): void => emit('error', toRookeryError(error, ClientErrorCode.Storage));
    const pause = (attempt: number, retryAfter = 0): Promise<void> =>
      wait(settings.clock, backOff(attempt, settings, settings.clock, retryAfter * 1000));
    this.connection = this.makeConnection(url);
    this.marks = this.makeMarks();
    this.outbox = new Outbox(
      {
        send: (item, onReply) => this.send(item, onReply),
        pause,
        onSent: (item, receipt) => this.sent(item, receipt),
        onDoubtOver: () => this.timelines.release(),
        onChange: () => this.outboxChanged(),
        onError,
      },
      settings.maxEnqueuedMessages,
    );
    this.timelines = new Timelines({
      history: (conversation, after) =>
        this.connection.request('chat.history', { conversation, after, limit: 200 }),
      pause,
      mayLack: ({ data }) => this.outbox.mayHaveStored(data),
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
    this.marks.flush();
    this.cursors.flush();
    this.connection.disconnect();
  }

  /** Waits for a connection, and asks again on the next when one is lost. */
  async call<Name extends CommandName>(
    type: Name,
    data: Commands[Name]['data'],
  ): Promise<Commands[Name]['reply']> {
    for (;;) {
      await this.connection.ready();
      try {
        return await this.connection.request(type, data);
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

  private async restore(): Promise<void> {
    const [items, cursors] = await Promise.all([this.keptOutbox.load(), this.cursors.load()]);
    if (items) this.outbox.restore(items);
    this.timelines.restore(cursors);
    if (items) this.emit('pendingChange', this.outbox.pending);
  }

  private outboxChanged(): void {
    this.keptOutbox.save();
    this.emit('pendingChange', this.outbox.pending);
  }

  private greeted(hello: Hello): void {
    if (this.hello && this.hello.user !== hello.user) this.marks.clear();
    this.hello = hello;
    this.timelines.greeted(hello.user);
    this.outbox.greeted(hello.user);
    this.marks.greeted();
  }

  private lost(): void {
    this.timelines.lost();
    this.outbox.lost();
  }

  private received({ type, data }: Frame): void {
    if (type === 'notification.message' || isStored(data)) this.pushed(type, data as object);
    else if (type === 'chat.receipt' || type === 'chat.typing') this.emit(PLAIN[type], data as never);
    else if (type === 'chat.synced') this.synced(data as ClientEvents['synced']);
    else if (type === 'error') this.emit('error', fromErrorData(data as ErrorData));
  }

  private pushed(event: string, data: object): void {
    const entry = entryOf({ ...data, event } as HistoryEntry);
    if (entry.data.seq === undefined) this.emitEntry(entry);
    else this.timelines.push(entry);
  }

  private synced(data: ClientEvents['synced']): void {
    this.timelines.synced();
    this.emit('synced', data);
  }

  private emitEntry(entry: Entry): void {
    if (entry.event === 'notification') return this.emit(entry.event, entry.data);
    if (entry.event === 'change') return this.emit(entry.event, entry.data);
    if (entry.data.from === this.hello?.user) this.outbox.confirm(entry.data);
    this.emit(entry.event, entry.data);
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

/** An entry of a journal: receipts have a place as well, but no id. */
function isStored(data: unknown): boolean {
  const { conversation, seq, id } = (data ?? {}) as Record<string, unknown>;
  return conversation !== undefined && seq !== undefined && id !== undefined;
}
