import { setTimeout as delay } from 'node:timers/promises';
import type { Backlog, Entry, Page, ReadRange } from '../journal/index.js';
import type { HubEvent } from './hub-event.js';
import { OldestFirst } from './oldest-first.js';

/** Where a stream reads again what it could not write. */
export interface DurableSource {
  /** Entries that are for the user. */
  read(conversation: string, range: ReadRange, user: string): Promise<Entry[]>;
  backlog(
    user: string,
    device: string | undefined,
    page: { cursor?: string; limit: number },
  ): Promise<Page<Backlog>>;
  /** The event an entry is on the wire; undefined: nothing that this client sees. */
  present(entry: Entry, sink: DurableSink): HubEvent | undefined;
  onPageRead(): void;
  /** Does a slice when it is its turn: after what is live, and after the slices of other streams that came before. */
  background<T>(slice: () => Promise<T>): Promise<T>;
  /** All that was unread in a conversation was sent on the device itself: so that it is not looked through again. */
  settleOwn(sink: DurableSink, conversation: string, seq: number): void;
}

/** The connection, as its stream needs it. */
export interface DurableSink {
  readonly userId: string;
  readonly principal: { readonly roles: readonly string[] };
  readonly device?: string;
  readonly closed: boolean;
  /** Whether the backlogs of all conversations are brought as one, by time; else one conversation after another. */
  readonly oldestFirst: boolean;
  /** Whether entries of a conversation are brought at all. */
  carries(conversation: string): boolean;
  /** A live event; false: no room. */
  tryDurable(event: HubEvent): boolean;
  /** One that was re-read; false: come back after {@link replayRoom}. */
  tryReplayed(event: HubEvent): boolean;
  /** Resolves when what was refused can be written, or the socket is closed; undefined: it can. */
  replayRoom(): Promise<void> | undefined;
  /** Whether as much waits as may leave at a time. */
  readonly isFull: boolean;
  /** What was written leaves now. */
  flush(): void;
}

/** A conversation this connection is behind in. */
interface Lag {
  /** The last entry that was written. */
  after: number;
  /** The newest entry known to exist. */
  seen: number;
  /** Entries up to this one were there before the connection was. */
  backlog: number;
  /** Whether all that was read was the device's own. */
  ownOnly: boolean;
  /**
   * The newest live entries, without a hole between them: they end the race between reading and a hot conversation.
   * Kept only while the conversation is being read and the socket takes what is read.
   */
  tail: { seq: number; event: HubEvent }[];
}

/** What came of a page that was read. */
interface Slice {
  /** Whether all of it was written. */
  isWhole: boolean;
  /** Why it could not be written; not the socket. */
  failure?: unknown;
}

/** Entries per read; fewer when the socket took fewer the last time, so that little is read in vain. */
const READ_PAGE = 200;
const SMALLEST_PAGE = 8;
const BACKLOG_PAGE = 100;
const TAIL_LIMIT = 64;
const RETRY_DELAY = 1000;

/**
 * Brings every entry to one connection once and in order, whatever its socket does. Entries arrive live through
 * {@link offer}; one that cannot be written (no room, or the backlog has not been read yet) puts its conversation behind,
 * and from then on that conversation is read from the journal until it has caught up. While the socket does not drain
 * nothing is queued but a position, so memory is bounded by the number of conversations that moved, not by what was
 * sent in them.
 */
export class DurableStream {
  // Each of these maps exists while there is something in it: most connections are idle, and empty maps are large.
  private lagging?: Map<string, Lag>;
  /** Read from the journal up to here, although the live entry may still come: then it is dropped. */
  private floors?: Map<string, number>;
  /**
   * Moved while the backlog was being read, and not yet met in it: where reading would have to begin. Undefined: nothing
   * is held back.
   */
  private held?: Map<string, { after: number; seen: number }>;
  private reading?: Lag;
  private pageSize = READ_PAGE;
  private running?: Promise<void>;
  private written = 0;

  constructor(
    private readonly sink: DurableSink,
    private readonly source: DurableSource,
  ) {}

  /** Conversations being re-read at the moment. */
  get behind(): number {
    return this.lagging?.size ?? 0;
  }

  /** A live entry, offered in the order of its conversation. */
  offer(entry: Entry, event: HubEvent): void {
    if (!this.sink.carries(entry.conversation)) return;
    if (this.isLive && this.sink.tryDurable(event)) return;
    const { conversation, seq } = entry;
    const lag = this.lagging?.get(conversation);
    if (lag) return this.remember(lag, seq, event);
    const floor = this.floors?.get(conversation);
    if (floor !== undefined && seq <= floor) return;
    if (this.held && floor === undefined) return keep(this.held, conversation, seq);
    if (this.sink.tryDurable(event)) return this.raiseFloor(conversation, seq);
    this.fallBehind(conversation, lagFrom(seq - 1, seq));
    void this.resume();
  }

  /** Nothing is owed, remembered or under way, as nearly always: no conversation has to be looked up. */
  get isLive(): boolean {
    return !this.held && !this.lagging && !this.floors && !this.running;
  }

  /** While the backlog is being read a conversation that moves turns up in it again: it must be known how far it is. */
  private raiseFloor(conversation: string, seq: number): void {
    if (this.held) this.setFloor(conversation, seq);
    else if (this.floors?.delete(conversation) && this.floors.size === 0) this.floors = undefined;
  }

  /** Live entries wait from now on, until {@link catchUp} has read the backlog. */
  hold(): void {
    this.held = new Map();
  }

  /**
   * Pushes the backlog, oldest first where the sink wants that, else the longest unmoved conversation first, then lets live
   * entries through. Returns how many.
   */
  async catchUp(): Promise<number> {
    this.written = 0;
    let cursor: string | null | undefined;
    do {
      const page: Page<Backlog> = await persistently(this.sink, () =>
        this.source.backlog(this.sink.userId, this.sink.device, {
          cursor: cursor ?? undefined,
          limit: BACKLOG_PAGE,
        }),
      );
      for (const item of page.items) this.track(item);
      cursor = page.next;
      if (!this.sink.oldestFirst) await this.resume();
    } while (cursor && !this.sink.closed);
    if (this.sink.oldestFirst) await this.mergeBacklogs();
    this.release();
    await this.resume();
    return this.written;
  }

  private setFloor(conversation: string, seq: number): void {
    this.floors ??= new Map();
    this.floors.set(conversation, seq);
  }

  private fallBehind(conversation: string, lag: Lag): void {
    this.lagging ??= new Map();
    this.lagging.set(conversation, lag);
  }

  /** The backlog is read: what was held and did not turn up in it has no backlog, and is read from where it began. */
  private release(): void {
    const held = this.held ?? [];
    this.held = undefined;
    for (const [conversation, { after, seen }] of held) this.fallBehind(conversation, lagFrom(after, seen));
  }

  private track({ conversation, after, head }: Backlog): void {
    if (!this.sink.carries(conversation)) return;
    const seen = Math.max(head, this.held?.get(conversation)?.seen ?? 0);
    this.held?.delete(conversation);
    const from = Math.max(after, this.floors?.get(conversation) ?? 0);
    if (seen > from && !this.lagging?.has(conversation))
      this.fallBehind(conversation, lagFrom(from, seen, head));
  }

  private remember(lag: Lag, seq: number, event: HubEvent): void {
    lag.seen = seq;
    if (lag !== this.reading) return;
    if (lag.tail.length === TAIL_LIMIT) lag.tail = [];
    lag.tail.push({ seq, event });
  }

  private resume(): Promise<void> {
    this.running ??= this.run().finally(() => (this.running = undefined));
    return this.running;
  }

  private async run(): Promise<void> {
    try {
      for (;;) {
        const next = this.lagging?.entries().next();
        if (!next || next.done || this.sink.closed) return;
        await this.replay(...next.value);
      }
    } catch (error) {
      if (!this.sink.closed) throw error;
    }
  }

  private async replay(conversation: string, lag: Lag): Promise<void> {
    this.reading = lag;
    while (!this.sink.closed && !this.finished(conversation, lag)) {
      const { room } = await this.inTurn(() => this.writePage(conversation, lag));
      if (!room) continue;
      this.reading = undefined;
      lag.tail = [];
      await room;
      this.reading = lag;
    }
    this.reading = undefined;
  }

  /** Up to where each conversation was when its backlog was asked for: what came since is behind that, as it is always. */
  private async mergeBacklogs(): Promise<void> {
    const merged = new OldestFirst(this.lagging ?? []);
    while (!this.sink.closed && merged.size > 0) {
      const { room } = await this.inTurn(() => this.writeOldest(merged));
      if (!room) continue;
      merged.forget();
      await room;
    }
  }

  /** Does a slice when it is its turn. `room` has to be awaited before the next one. */
  private async inTurn(slice: () => Promise<Slice>): Promise<{ room?: Promise<void> }> {
    const { isWhole, failure } = await persistently(this.sink, () => this.source.background(slice));
    if (failure !== undefined) throw failure;
    return { room: isWhole && !this.sink.isFull ? undefined : this.sink.replayRoom() };
  }

  /** Reads on and writes as much as may leave at a time. Rejects when it could not read: only that is tried again. */
  private async writePage(conversation: string, lag: Lag): Promise<Slice> {
    if (this.sink.closed) return { isWhole: true };
    const entries = await this.readOn(conversation, lag, this.pageSize);
    return outcomeOf(() => this.writeAll(entries, lag));
  }

  /** Likewise, of all conversations. */
  private async writeOldest(merged: OldestFirst<Lag>): Promise<Slice> {
    if (this.sink.closed) return { isWhole: true };
    const { unread } = merged;
    const limit = Math.max(Math.floor(this.pageSize / merged.size), 1);
    if (unread) merged.took(await this.readOn(unread.conversation, unread.progress, limit));
    return outcomeOf(() => this.writeMerged(merged));
  }

  private async readOn(conversation: string, { after }: Lag, limit: number): Promise<Entry[]> {
    const entries = await this.source.read(conversation, { after, limit }, this.sink.userId);
    this.source.onPageRead();
    return entries;
  }

  /** False: the rest of what was read is forgotten. */
  private writeAll(entries: readonly Entry[], lag: Lag): boolean {
    if (entries.length === 0) lag.after = (lag.tail[0]?.seq ?? lag.seen + 1) - 1;
    const refused = entries.findIndex((entry) => !this.write(entry, lag));
    this.sink.flush();
    this.suit(refused < 0 ? undefined : refused);
    return refused < 0;
  }

  private writeMerged(merged: OldestFirst<Lag>): boolean {
    let count = 0;
    let { next } = merged;
    while (next && this.write(next.entry, next.progress)) {
      count++;
      merged.brought();
      ({ next } = merged);
    }
    this.sink.flush();
    this.suit(next ? count : undefined);
    return next === undefined;
  }

  /** Where the socket refused one, no more is read the next time than it took. */
  private suit(taken: number | undefined): void {
    this.pageSize =
      taken === undefined ? Math.min(this.pageSize * 2, READ_PAGE) : Math.max(taken, SMALLEST_PAGE);
  }

  private write(entry: Entry, lag: Lag): boolean {
    const event = this.isOwn(entry, lag) ? undefined : this.source.present(entry, this.sink);
    if (event && !this.sink.tryReplayed(event)) return false;
    if (event) this.written++;
    lag.ownOnly &&= event === undefined;
    lag.after = entry.seq;
    return true;
  }

  /** What the user sent himself is not unread, but a device that has a name is brought what he sent on another one. */
  private isOwn({ sender, device, seq }: Entry, { backlog }: Lag): boolean {
    if (sender !== this.sink.userId || seq > backlog) return false;
    return this.sink.device === undefined || this.sink.device === device;
  }

  /** Joins the live stream if nothing is missing: checked and done in one turn, so that no entry slips between. */
  private finished(conversation: string, lag: Lag): boolean {
    if (lag.tail[0] && lag.tail[0].seq <= lag.after + 1) this.writeTail(lag);
    if (lag.seen > lag.after) return false;
    this.lagging?.delete(conversation);
    if (this.lagging?.size === 0) this.lagging = undefined;
    this.setFloor(conversation, lag.after);
    if (lag.backlog > 0 && lag.ownOnly) this.source.settleOwn(this.sink, conversation, lag.backlog);
    return true;
  }

  private writeTail(lag: Lag): void {
    for (const { seq, event } of lag.tail) {
      if (seq <= lag.after) continue;
      if (!this.sink.tryDurable(event)) break;
      this.written++;
      lag.ownOnly = false;
      lag.after = seq;
    }
    lag.tail = [];
  }
}

/** A failure of what writes is none of the socket, and not tried again. */
function outcomeOf(write: () => boolean): Slice {
  try {
    return { isWhole: write() };
  } catch (failure) {
    return { isWhole: false, failure };
  }
}

/** The journal may be away for a while; what it holds is still owed. Rejects when the client has gone. */
export async function persistently<T>(sink: Pick<DurableSink, 'closed'>, read: () => Promise<T>): Promise<T> {
  for (;;) {
    try {
      return await read();
    } catch (error) {
      if (sink.closed) throw error;
      await delay(RETRY_DELAY, undefined, { ref: false });
    }
  }
}

function lagFrom(after: number, seen: number, backlog = 0): Lag {
  return { after, seen, backlog, ownOnly: true, tail: [] };
}

function keep(held: Map<string, { after: number; seen: number }>, conversation: string, seq: number): void {
  const known = held.get(conversation);
  if (known) known.seen = seq;
  else held.set(conversation, { after: seq - 1, seen: seq });
}
