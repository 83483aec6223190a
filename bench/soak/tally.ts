/** Counts what happens, by name. */
export class Tally {
  private readonly total = new Map<string, number>();
  private readonly recent = new Map<string, number>();

  add(what: string): void {
    this.total.set(what, (this.total.get(what) ?? 0) + 1);
    this.recent.set(what, (this.recent.get(what) ?? 0) + 1);
  }

  /** What was counted since the last time, as text. */
  take(): string {
    const text = textOf(this.recent);
    this.recent.clear();
    return text;
  }

  all(): string {
    return textOf(this.total);
  }
}

const textOf = (counts: ReadonlyMap<string, number>): string =>
  [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([what, count]) => `${what} ${count}`)
    .join(', ');
