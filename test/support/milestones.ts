/** Counts, and tells who waits for a count. */
export class Milestones {
  private reached = 0;
  private waiting: { at: number; resolve: () => void }[] = [];

  get count(): number {
    return this.reached;
  }

  add(): void {
    this.reached++;
    if (this.waiting.every(({ at }) => at > this.reached)) return;
    const due = this.waiting.filter(({ at }) => at <= this.reached);
    this.waiting = this.waiting.filter(({ at }) => at > this.reached);
    for (const { resolve } of due) resolve();
  }

  /** Resolves in the turn in which the count is reached. */
  until(at: number): Promise<void> {
    if (this.reached >= at) return Promise.resolve();
    return new Promise((resolve) => this.waiting.push({ at, resolve }));
  }
}
