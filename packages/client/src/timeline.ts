import type { Entry } from './entry.js';

/** Entries kept beyond a hole; what is above is read again when the hole is filled. */
const AHEAD_LIMIT = 500;

/**
 * The entries of one conversation, each once and in the order of `seq`. Every method returns what may be emitted now.
 *
 * The server pushes a conversation in its order and begins where this device has come, so the first push says where
 * the beginning is. An answer to an own message says less: on a slow line it may overtake what was written before
 * it. Where such an answer is the first that is heard of a conversation, what lies below it is {@link uncertain}.
 *
 * The server never pushes to a device what the device sent. So the first push does not say where the beginning is while
 * the number of an own message is unknown: it may be a smaller one, and the push waits for it.
 */
export class Timeline {
  /** Emitted up to here, or held by this device already; undefined: not known yet. */
  position?: number;
  /** The first push, while it does not say where the beginning is. */
  waiting?: Entry;
  /** The last number known to exist. */
  private seen = 0;
  /** The first number that an answer has told of. */
  private lowest = Infinity;
  private readonly ahead = new Map<number, Entry>();
  /** The first number from which on everything is here; set while something below may still come. */
  private floor?: number;
  /** The last of what came from below. */
  private late = 0;

  constructor(position?: number) {
    this.position = position;
  }

  /** Whether a number is missing. */
  get hasHole(): boolean {
    return this.position !== undefined && this.position < this.seen;
  }

  /** While true nothing may be marked: a mark is cumulative. */
  get uncertain(): boolean {
    return this.position === undefined || this.floor !== undefined;
  }

  /** A push of the server. `waits`: an own message may have a smaller number. */
  push(entry: Entry, waits = false): Entry[] {
    const { seq } = entry.data;
    if (waits && seq > 1) this.waiting ??= entry;
    else this.open(seq);
    if (this.floor !== undefined && seq < this.floor) return this.fromBelow(entry);
    this.floor = undefined;
    return this.add(entry);
  }

  /** The answer to an own message. `settled`: the backlog of this connection is through. */
  acknowledge(entry: Entry, settled: boolean): Entry[] {
    this.hearOf(entry.data.seq, settled);
    return this.add(entry);
  }

  /** The answer to something of our own whose entry is not here: nobody pushes it to us, so it is a hole. */
  expect(seq: number, settled: boolean): Entry[] {
    this.hearOf(seq, settled);
    return this.drain();
  }

  /** The backlog is through: what was not pushed until now is not owed. */
  settle(): Entry[] {
    this.floor = undefined;
    if ((this.ahead.size > 0 || this.lowest < Infinity) && !this.waiting) this.open();
    return this.drain();
  }

  /** The numbers of all own messages are known. */
  begin(): Entry[] {
    this.open();
    return this.drain();
  }

  /** An answer of `chat.history` for what is after the position: numbers it skips hold nothing that a client sees. */
  takePage(entries: readonly Entry[], end: number): Entry[] {
    const ready: Entry[] = [];
    for (const entry of entries) {
      if (entry.data.seq <= (this.position ?? 0)) continue;
      this.ahead.delete(entry.data.seq);
      this.position = entry.data.seq;
      ready.push(entry);
    }
    this.skipTo(end);
    return [...ready, ...this.drain()];
  }

  /** Gives up what is missing before the next entry that is here: it cannot be read. */
  giveUp(): Entry[] {
    this.skipTo(Math.min(this.seen + 1, ...this.ahead.keys()) - 1);
    return this.drain();
  }

  /** Somebody says that the conversation has come this far. */
  knowsHead(head: number): void {
    this.seen = Math.max(this.seen, head);
  }

  private hearOf(seq: number, settled: boolean): void {
    this.knowsHead(seq);
    this.lowest = Math.min(seq, this.lowest);
    if (seq === 1) this.open();
    if (this.position === undefined && settled && !this.waiting) {
      this.position = seq - 1;
      this.floor = seq;
    }
  }

  private open(seq = Infinity): void {
    this.waiting = undefined;
    this.position ??= Math.min(seq, this.lowest, ...this.ahead.keys()) - 1;
  }

  private add(entry: Entry): Entry[] {
    const { seq } = entry.data;
    this.knowsHead(seq);
    if (seq <= (this.position ?? 0) || this.ahead.has(seq)) return [];
    if (this.ahead.size < AHEAD_LIMIT) this.ahead.set(seq, entry);
    return this.drain();
  }

  private fromBelow(entry: Entry): Entry[] {
    if (entry.data.seq <= this.late) return [];
    this.late = entry.data.seq;
    return [entry];
  }

  private skipTo(end: number): void {
    this.position = Math.max(this.position ?? 0, end);
    for (const seq of this.ahead.keys()) if (seq <= this.position) this.ahead.delete(seq);
  }

  private drain(): Entry[] {
    const ready: Entry[] = [];
    if (this.position === undefined) return ready;
    for (;;) {
      const next = this.ahead.get(this.position + 1);
      if (!next) return ready;
      this.ahead.delete(++this.position);
      ready.push(next);
    }
  }
}
