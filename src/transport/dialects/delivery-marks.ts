import { toAppError, type Deferred } from '../../common/index.js';
import type { HubEvent } from '../../hub/index.js';
import { pingFrame } from '../text-frame.js';

/** Where the bytes go, and where the marks. */
export interface MarkingHost {
  /** See `Outlet.beforeFlush`. */
  beforeFlush(last: () => Buffer | undefined): void;
  /** Queues a complete frame. */
  writeFrame(frame: Buffer): void;
  /** Undefined: nobody is there yet to have anything marked. */
  markDelivered(conversation: string, seq: number): Deferred<null> | undefined;
}

/** Milliseconds at least between the pings of a connection that is brought one message after another. */
const INTERVAL = 100;
/** Milliseconds more in which something may be written that a ping can go behind: by itself it is a packet each way. */
const GRACE = 100;
/** Milliseconds until a mark that could not be stored is tried again. */
const RETRY = 1000;

/** What each ping says, and its answer: no two that are under way at the same time are equal. */
const QUESTIONS = Array.from({ length: 16 }, (_, index) => {
  const said = index.toString(16);
  return { said, ping: pingFrame(said) };
});

/** Conversation → the last entry of it. */
type Positions = Map<string, number>;

/**
 * How far a client that cannot say so has come. Behind what was written to its socket goes a ping, which every client of
 * RFC 6455 answers when it has read so far (§5.5.2): then it is marked as delivered. The first ping goes at once; while
 * one is under way, and for a moment after it, what is written gathers, so that a busy connection costs no mark per entry,
 * and its pings leave with what is written anyway.
 * What was never answered for is not marked, and brought again.
 */
export class DeliveryMarks {
  /** Written, and no ping behind it yet. */
  private unasked?: Positions;
  /** Before the ping that is under way. */
  private asked?: Positions;
  /** The client has it, and it is not marked yet: while others are. */
  private unmarked?: Positions;
  private underWay = 0;
  private question = 0;
  /** On the clock of `performance`: when the next ping may go. */
  private nextAt = 0;
  private timer?: NodeJS.Timeout;
  private retry?: NodeJS.Timeout;
  private isOver = false;

  constructor(private readonly host: MarkingHost) {}

  /** An event is about to be written; one that is no entry is none of this. */
  written({ type, data }: HubEvent): void {
    if (type !== 'chat.message' && type !== 'notification.message') return;
    const { conversation, seq } = data as { conversation?: string; seq?: number };
    if (conversation === undefined || seq === undefined) return;
    if (this.unasked) this.unasked.set(conversation, seq);
    else this.unasked = new Map([[conversation, seq]]);
    if (!this.asked) this.askBehind();
  }

  /** The client has answered a ping. */
  answered(said: string): void {
    if (!this.asked || said !== QUESTIONS[this.question]?.said) return;
    const reached = this.asked;
    this.asked = undefined;
    this.reach(reached);
    if (this.unasked) this.askLater();
  }

  /**
   * A ping goes at once behind all that was written: the server will write nothing more, or not for a while. It may be
   * answered until the socket is closed.
   */
  askNow(): void {
    this.stopAsking();
    if (this.unasked) this.host.writeFrame(this.ask(this.unasked));
  }

  /** The socket is closed: what the client has said to have is marked, but not tried again. */
  closed(): void {
    this.isOver = true;
    this.stopAsking();
    clearTimeout(this.retry);
  }

  private stopAsking(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
  }

  private askBehind(): void {
    if (performance.now() < this.nextAt) return this.askLater();
    this.stopAsking();
    this.host.beforeFlush(() => this.last());
  }

  /** In case that nothing is written until then. */
  private askLater(): void {
    this.timer ??= setTimeout(
      () => {
        this.timer = undefined;
        const ping = this.last();
        if (ping) this.host.writeFrame(ping);
      },
      this.nextAt + GRACE - performance.now(),
    ).unref();
  }

  private last(): Buffer | undefined {
    return this.unasked && !this.asked ? this.ask(this.unasked) : undefined;
  }

  private ask(positions: Positions): Buffer {
    this.unasked = undefined;
    this.asked = this.asked ? merged(this.asked, positions) : positions;
    this.nextAt = performance.now() + INTERVAL;
    this.question = (this.question + 1) % QUESTIONS.length;
    return (QUESTIONS[this.question] as { ping: Buffer }).ping;
  }

  private reach(positions: Positions): void {
    this.unmarked = this.unmarked ? merged(this.unmarked, positions) : positions;
    if (this.underWay === 0) this.markAll();
  }

  private markAll(): void {
    const positions = this.unmarked;
    if (!positions) return;
    this.unmarked = undefined;
    this.underWay += positions.size;
    for (const [conversation, seq] of positions) this.mark(conversation, seq);
  }

  private mark(conversation: string, seq: number): void {
    const stored = this.host.markDelivered(conversation, seq);
    if (!stored) return this.settled();
    stored.onSettled((outcome) => {
      if (!outcome.ok && !this.isOver && isRetryable(outcome.error)) this.again(conversation, seq);
      this.settled();
    });
  }

  private settled(): void {
    if (--this.underWay === 0 && !this.retry) this.markAll();
  }

  /** The store is away for a while: what comes meanwhile is marked with it. */
  private again(conversation: string, seq: number): void {
    const failed = new Map([[conversation, seq]]);
    this.unmarked = this.unmarked ? merged(failed, this.unmarked) : failed;
    this.retry ??= setTimeout(() => {
      this.retry = undefined;
      if (this.underWay === 0) this.markAll();
    }, RETRY).unref();
  }
}

function merged(earlier: Positions, later: Positions): Positions {
  for (const [conversation, seq] of later) earlier.set(conversation, seq);
  return earlier;
}

const isRetryable = (error: unknown): boolean => toAppError(error).traits.retryable;
