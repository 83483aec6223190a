/** Lets one through at a time, in the order of arrival. */
export class Turnstile {
  private busy = false;
  private readonly waiting: (() => void)[] = [];

  /** Runs `work` in its turn; at once, in the same tick, when nobody is inside. */
  async pass<T>(work: () => T | Promise<T>): Promise<T> {
    if (this.busy) await new Promise<void>((resolve) => this.waiting.push(resolve));
    this.busy = true;
    try {
      return await work();
    } finally {
      this.next();
    }
  }

  /** The turn is handed over, so that a newcomer cannot slip in between. */
  private next(): void {
    const first = this.waiting.shift();
    if (first) first();
    else this.busy = false;
  }
}
