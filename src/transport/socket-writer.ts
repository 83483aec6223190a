import type { Duplex } from 'node:stream';
import type { Outlet } from '../hub/index.js';
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

/** Writers with something to say in this turn of the event loop. */
let dirty: SocketWriter[] = [];

function flushAll(): void {
  const writers = dirty;
  dirty = [];
  for (const writer of writers) writer.flush();
  joined = NOTHING;
}

interface Joined {
  frames: readonly Buffer[];
  bytes: Buffer;
}

const NOTHING: Joined = { frames: [], bytes: Buffer.alloc(0) };

/** The frames that were copied together last: members of one conversation mostly have the same ones to be told. */
let joined = NOTHING;

function join(frames: readonly Buffer[], length: number): Buffer {
  if (!isSame(frames, joined.frames)) joined = { frames, bytes: Buffer.concat(frames, length) };
  return joined.bytes;
}

function isSame(a: readonly Buffer[], b: readonly Buffer[]): boolean {
  return a.length === b.length && a.every((frame, index) => frame === b[index]);
}

/**
 * Collects what one turn of the event loop has for one socket and hands it over in one write: under load that is one
 * system call for many frames, and with thin traffic it costs nothing (measurements: docs/decisions/0005).
 */
export class SocketWriter implements Outlet {
  /** Undefined: nothing to say in this turn. */
  private queue?: Buffer[];
  private queuedBytes = 0;
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
    this.queue = [];
    this.schedule();
  }

  write(plain: Buffer): void {
    if (this.webSocket.readyState !== OPEN) return;
    const frame = this.deflater ? this.deflater.deflate(plain) : plain;
    this.queuedBytes += frame.length;
    if (this.queue) return void this.queue.push(frame);
    this.queue = [frame];
    this.schedule();
  }

  flush(): void {
    const frames = this.queue;
    if (!frames) return;
    if (this.last) this.addLast(frames, this.last);
    const bytes = this.queuedBytes;
    this.queue = undefined;
    this.queuedBytes = 0;
    if (!this.stream.writable) return;
    if (frames.length === 1) this.stream.write(frames[0]);
    else if (bytes > COPY_LIMIT) this.writeVector(frames);
    else if (bytes > 0) this.stream.write(join(frames, bytes));
    if (this.stream.writableCorked > 0) this.stream.uncork();
    if (this.awaited && !this.stream.writableNeedDrain) this.drained();
  }

  beforeFlush(last: () => Buffer | undefined): void {
    this.last = last;
  }

  awaitDrain(): void {
    if (this.awaited) return;
    this.awaited = true;
    this.stream.once('drain', () => this.drained());
  }

  close(code: number, reason: string): void {
    if (!this.hasEnded) this.owner.ending();
    this.flush();
    this.hasEnded = true;
    this.webSocket.close(code, reason);
  }

  ping(): void {
    this.flush();
    if (this.webSocket.readyState === OPEN) this.webSocket.ping();
  }

  terminate(): void {
    this.hasEnded = true;
    this.webSocket.terminate();
  }

  private schedule(): void {
    if (dirty.push(this) === 1) setImmediate(flushAll);
  }

  private addLast(frames: Buffer[], last: () => Buffer | undefined): void {
    this.last = undefined;
    const frame = last();
    if (!frame) return;
    frames.push(frame);
    this.queuedBytes += frame.length;
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
