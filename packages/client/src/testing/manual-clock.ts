import type { Clock } from '../clock.js';

interface Timer {
  due: number;
  action: () => void;
}

/** Time that moves only when a test says so, and chance that a test has chosen. */
export class ManualClock implements Clock {
  /** What {@link random} answers. */
  chance = 0.5;
  private time = 1_000_000;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  random(): number {
    return this.chance;
  }

  after(milliseconds: number, action: () => void): () => void {
    const timer = { due: this.time + milliseconds, action };
    this.timers.add(timer);
    return () => void this.timers.delete(timer);
  }

  /** Milliseconds until the next timer; undefined: there is none. */
  get next(): number | undefined {
    const [first] = this.ordered();
    return first && Math.max(0, first.due - this.time);
  }

  /** Lets time pass: whatever falls due in it happens, in its order, with all that follows from it at once. */
  async advance(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    await settled();
    for (let [first] = this.ordered(); first && first.due <= end; [first] = this.ordered()) {
      this.time = Math.max(this.time, first.due);
      this.timers.delete(first);
      first.action();
      await settled();
    }
    this.time = end;
  }

  private ordered(): Timer[] {
    return [...this.timers].sort((a, b) => a.due - b.due);
  }
}

/** Resolves when everything that needs no time has happened. */
export const settled = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
