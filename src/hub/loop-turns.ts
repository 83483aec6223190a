/** Of the time that everything else took of the event loop since the last slice. */
const SHARE = 0.5;
/** Milliseconds of slices in one turn, however long everything else took. */
const LONGEST = 20;
/** Slices that wait for the database. */
const IN_HAND = 4;

/**
 * What one turn of the event loop does for the sockets of this process, in its order: first what is live, then what may
 * wait, in slices. One slice is done in every turn, so that nothing stands still; further ones while all of them together
 * took no longer than a share of what the loop did else. So whoever catches up gets at most a third of a busy loop, and
 * all of an idle one.
 */
export class LoopTurns {
  private live: (() => void)[] = [];
  private readonly waiting: (() => void)[] = [];
  private isScheduled = false;
  private inHand = 0;
  /** When the last slice ended, or the first of those that wait began to. */
  private since = 0;
  /** Until when further slices may begin. */
  private until = 0;

  /** `now` gives milliseconds. */
  constructor(private readonly now: () => number = () => performance.now()) {}

  /** Slices that wait for their turn. */
  get queued(): number {
    return this.waiting.length;
  }

  /** Calls `work` once at the end of this turn, before any slice. It must not throw. */
  atEnd(work: () => void): void {
    this.live.push(work);
    this.schedule();
  }

  /** Does a slice of work that may wait, when it is its turn: slices begin in the order they came. */
  async background<T>(slice: () => T | Promise<T>): Promise<T> {
    await new Promise<void>((resolve) => this.await(resolve));
    try {
      return await slice();
    } finally {
      this.ended();
    }
  }

  private await(begin: () => void): void {
    if (this.waiting.push(begin) > 1) return;
    if (this.inHand === 0) this.since = this.now();
    if (this.inHand < IN_HAND) this.schedule();
  }

  private schedule(): void {
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.turn());
  }

  private turn(): void {
    this.isScheduled = false;
    if (this.live.length > 0) this.doLive();
    if (this.waiting.length === 0) return;
    const now = this.now();
    this.until = now + Math.min((now - this.since) * SHARE, LONGEST);
    this.begin();
  }

  private doLive(): void {
    const works = this.live;
    this.live = [];
    for (const work of works) work();
  }

  private begin(): void {
    if (this.inHand >= IN_HAND) return;
    this.waiting.shift()?.();
    this.inHand++;
    if (this.waiting.length > 0) this.schedule();
  }

  private ended(): void {
    this.inHand--;
    if (this.waiting.length === 0) return;
    this.since = this.now();
    if (this.since < this.until) this.begin();
    else this.schedule();
  }
}

/** There is one event loop. */
export const loopTurns = new LoopTurns();
