import type { HubEvent } from '../../hub/index.js';

/** Where the bytes go. */
export interface Flushes {
  onceFlushed(begun: () => () => void): void;
}

/** Milliseconds between the marks of a connection that is brought one message after another. */
const INTERVAL = 100;

/** Conversation → the last entry of it. */
type Positions = Map<string, number>;

/**
 * How far a client that cannot say so has come: what was written to its socket is marked as delivered when the kernel has
 * taken it. The first mark goes at once; while marks are under way, and for a moment after them, the next ones gather, so
 * that a busy connection costs no mark per entry, and no commit that has nothing but marks in it.
 */
export class DeliveryMarks {
  /** Written, and still in the process. */
  private unsent?: Positions;
  /** With the kernel, and not marked yet. */
  private unmarked?: Positions;
  private underWay = 0;
  /** On the clock of `performance`. */
  private nextAt = 0;
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly socket: Flushes,
    private readonly mark: (conversation: string, seq: number) => void,
  ) {}

  /** An event is about to be written; one that is no entry is none of this. */
  written({ type, data }: HubEvent): void {
    if (type !== 'chat.message' && type !== 'notification.message') return;
    const { conversation, seq } = data as { conversation?: string; seq?: number };
    if (conversation === undefined || seq === undefined) return;
    if (!this.unsent) {
      this.unsent = new Map();
      this.socket.onceFlushed(() => this.leaving());
    }
    this.unsent.set(conversation, seq);
  }

  /** One mark was answered, however. */
  done(): void {
    if (--this.underWay === 0) this.sendInTime();
  }

  /** Nothing more will be written: what waits is marked at once. */
  end(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.send();
  }

  private leaving(): () => void {
    const leaving = this.unsent ?? new Map();
    this.unsent = undefined;
    return () => this.left(leaving);
  }

  private left(positions: Positions): void {
    if (this.unmarked) for (const [conversation, seq] of positions) this.unmarked.set(conversation, seq);
    else this.unmarked = positions;
    if (this.underWay === 0) this.sendInTime();
  }

  private sendInTime(): void {
    if (!this.unmarked || this.timer) return;
    const wait = this.nextAt - performance.now();
    if (wait <= 0) return this.send();
    this.timer = setTimeout(() => {
      this.timer = undefined;
      if (this.underWay === 0) this.send();
    }, wait);
    this.timer.unref();
  }

  private send(): void {
    const positions = this.unmarked;
    if (!positions) return;
    this.unmarked = undefined;
    this.nextAt = performance.now() + INTERVAL;
    this.underWay += positions.size;
    for (const [conversation, seq] of positions) this.mark(conversation, seq);
  }
}
