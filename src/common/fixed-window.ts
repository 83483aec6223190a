interface Window {
  count: number;
  /** On the clock of `performance.now()`. */
  endsAt: number;
}

/**
 * Counts what each key does in a window of fixed length that begins with its first act, and answers in the same turn:
 * it stands on the way of every frame. Keys that are quiet for a window are forgotten, and the oldest when there are
 * too many.
 */
export class FixedWindow {
  /** In the order of their ends, because all windows are equally long. */
  private readonly windows = new Map<string, Window>();

  constructor(
    /** Acts that are allowed per window. */
    private readonly limit: number,
    /** Milliseconds. */
    private readonly length: number,
    private readonly now: () => number = () => performance.now(),
    /** Keys at most: more than a server sees in a window unless somebody makes them up. */
    readonly capacity = 100_000,
  ) {}

  /** Counts one act, `now` on the clock of `performance.now()`; milliseconds until the next one is allowed, 0 when this one is. */
  take(key: string, now = this.now()): number {
    const window = this.windows.get(key);
    if (window && window.endsAt > now) return ++window.count > this.limit ? window.endsAt - now : 0;
    this.forgetEnded(now);
    if (this.windows.size >= this.capacity) this.forgetOldest();
    this.windows.set(key, { count: 1, endsAt: now + this.length });
    return this.limit >= 1 ? 0 : this.length;
  }

  /** Milliseconds until an act is allowed, 0 when it is now; counts nothing. */
  waitOf(key: string): number {
    const window = this.windows.get(key);
    if (!window || window.count < this.limit) return 0;
    return Math.max(0, window.endsAt - this.now());
  }

  /** Keys that are counted at the moment. */
  get size(): number {
    return this.windows.size;
  }

  private forgetOldest(): void {
    for (const key of this.windows.keys()) return void this.windows.delete(key);
  }

  private forgetEnded(now: number): void {
    for (const [key, { endsAt }] of this.windows) {
      if (endsAt > now) return;
      this.windows.delete(key);
    }
  }
}
