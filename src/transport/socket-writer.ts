import type { Duplex } from 'node:stream';
import { loopTurns, type Outlet } from '../hub/index.js';
import type { FrameDeflater } from './frame-deflater.js';

/** What the writer needs of a WebSocket; `_socket` is how `ws` keeps the stream below it. */
export interface WritableWebSocket {
  readonly readyState: number;
  close(code?: number, reason?: string): void;
  ping(): void;
  terminate(): void;
}

const OPEN = 1;

/** Frames up to this many bytes are copied together; beyond it the copy costs more than a vectored write. */
const COPY_LIMIT = 64 * 1024;

/** Bytes that are handed over at a time when many wait. */
const SLICE = 128 * 1024;

/** Writers with something to say in this turn of the event loop. */
let dirty: SocketWriter[] = [];

function flushAll(): void {
  const writers = dirty;
  dirty = [];
  for (const writer of writers) writer.endTurn();
  joined = NOTHING;
}

interface Joined {
  frames: readonly Buffer[];
  bytes: Buffer;
}

const NO_BYTES = Buffer.alloc(0);
const NOTHING: Joined = { frames: [], bytes: NO_BYTES };

/** The frames that were copied together last: members of one conversation mostly have the same ones to be told. */
let joined = NOTHING;

function join(frames: readonly Buffer[], length: number): Buffer {
  if (!isSame(frames, joined.frames)) joined = { frames, bytes: Buffer.concat(frames, length) };
  return joined.bytes;
}

function isSame(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  if (a === b) return true;
  return a.length === b.length && a.every((frame, index) => frame === b[index]);
}

/**
 * Collects what one turn of the event loop has for one socket and hands it over in one write: under load that is one
 * system call for many frames, and with thin traffic it costs nothing (measurements: docs/decisions/0005). What a full
 * socket does not take waits here, and follows in slices in the background (docs/decisions/0011): were it handed over at
 * once, the stream would write all of it as soon as it can, and that of all sockets that drain at the same time.
 */
export class SocketWriter implements Outlet {
  /** Undefined: nothing to say in this turn. */
  private queue?: readonly Buffer[];
  /** Whether the queue belongs to this writer, and to nobody else. */
  private isOwn = true;
  private queuedBytes = 0;
  /** What waits follows when the stream has drained, or in a slice that is asked for. */
  private isFull = false;
  private hasEnded = false;
  private awaited = false;
  private last?: () => Buffer | undefined;

  constructor(
    private readonly webSocket: WritableWebSocket,
    private readonly stream: Duplex,
    private readonly owner: { drained(): void; ending(): void },
    /** Absent: the client takes frames as they are. */
    private readonly deflater?: FrameDeflater,
  ) {}

  /** Whether the server has ended this connection, even if the client has not agreed yet. */
  get ended(): boolean {
    return this.hasEnded;
  }

  get open(): boolean {
    return !this.hasEnded && this.webSocket.readyState === OPEN;
  }

  get bufferedBytes(): number {
    return this.queuedBytes + this.stream.writableLength;
  }

  /** The stream is corked: what is in it leaves with the frames of this turn. */
  begin(): void {
    this.startWith([]);
  }

  write(plain: Buffer): void {
    if (this.webSocket.readyState !== OPEN) return;
    const frame = this.deflater ? this.deflater.deflate(plain) : plain;
    this.queuedBytes += frame.length;
    if (this.queue) this.owned(this.queue).push(frame);
    else this.startWith([frame]);
  }

  writeAll(frames: readonly Buffer[], bytes: number): void {
    if (this.queue || this.deflater) return frames.forEach((frame) => this.write(frame));
    if (this.webSocket.readyState !== OPEN) return;
    this.queuedBytes += bytes;
    this.isOwn = false;
    this.startWith(frames);
  }

  /** Hands over all that waits, for somebody who writes to the stream behind it. */
  flush(): void {
    if (this.queue) this.handOver(this.takeAll(this.queue));
  }

  /** Hands over what this turn had, unless the stream has enough to do. */
  endTurn(): void {
    if (!this.queue || this.isFull) return;
    if (this.stream.writableNeedDrain) return this.followLater();
    this.flush();
    if (!this.awaited) return;
    if (this.stream.writableNeedDrain) this.followLater();
    else this.drained();
  }

  beforeFlush(last: () => Buffer | undefined): void {
    this.last = last;
  }

  awaitDrain(): void {
    if (this.awaited) return;
    this.awaited = true;
    // What this turn has is still to be handed over, and then it is seen whether it waits.
    if (!this.queue && !this.isFull) this.followLater();
  }

  close(code: number, reason: string): void {
    if (!this.hasEnded) this.owner.ending();
    this.flush();
    this.hasEnded = true;
    this.webSocket.close(code, reason);
  }

  ping(): void {
    this.endTurn();
    if (this.webSocket.readyState === OPEN) this.webSocket.ping();
  }

  terminate(): void {
    this.hasEnded = true;
    this.webSocket.terminate();
  }

  private startWith(frames: readonly Buffer[]): void {
    this.queue = frames;
    this.schedule();
  }

  /** The queue, to be changed. */
  private owned(queue: readonly Buffer[]): Buffer[] {
    if (!this.isOwn) this.queue = [...queue];
    this.isOwn = true;
    return this.queue as Buffer[];
  }

  private schedule(): void {
    if (dirty.push(this) === 1) loopTurns.atEnd(flushAll);
  }

  private followLater(): void {
    this.isFull = true;
    if (this.stream.writableNeedDrain) this.stream.once('drain', () => this.follow());
    else this.stream.write(NO_BYTES, () => this.follow());
  }

  private follow(): void {
    if (this.queue) void loopTurns.background(() => this.writeSlice());
    else this.hasFollowed();
  }

  private writeSlice(): void {
    if (this.queue) this.handOver(this.takeSlice(this.queue));
    if (this.stream.writableNeedDrain) this.followLater();
    else this.follow();
  }

  private hasFollowed(): void {
    this.isFull = false;
    if (this.awaited) this.drained();
  }

  private takeAll(queue: readonly Buffer[]): readonly Buffer[] {
    const frames = this.last ? this.withLast(this.owned(queue), this.last) : queue;
    this.queue = undefined;
    this.isOwn = true;
    return frames;
  }

  private takeSlice(queue: readonly Buffer[]): readonly Buffer[] {
    let bytes = 0;
    const count = queue.findIndex((frame) => (bytes += frame.length) >= SLICE) + 1;
    const isAll = count === 0 || count === queue.length;
    return isAll ? this.takeAll(queue) : this.owned(queue).splice(0, count);
  }

  private handOver(frames: readonly Buffer[]): void {
    let bytes = 0;
    for (const { length } of frames) bytes += length;
    this.queuedBytes -= bytes;
    if (!this.stream.writable) return;
    if (frames.length === 1) this.stream.write(frames[0]);
    else if (bytes > COPY_LIMIT) this.writeVector(frames);
    else if (bytes > 0) this.stream.write(join(frames, bytes));
    if (this.stream.writableCorked > 0) this.stream.uncork();
  }

  private withLast(frames: Buffer[], last: () => Buffer | undefined): Buffer[] {
    this.last = undefined;
    const frame = last();
    if (!frame) return frames;
    frames.push(frame);
    this.queuedBytes += frame.length;
    return frames;
  }

  private writeVector(frames: readonly Buffer[]): void {
    this.stream.cork();
    for (const frame of frames) this.stream.write(frame);
    this.stream.uncork();
  }

  private drained(): void {
    this.awaited = false;
    this.owner.drained();
  }
}
