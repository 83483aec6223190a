import { percentile } from './stats.js';

/** Milliseconds. */
export interface LatencySummary {
  p50: number;
  p99: number;
  samples: number;
}

/** Latencies of one phase. */
export class Latencies {
  private values: number[] = [];

  add(milliseconds: number): void {
    this.values.push(milliseconds);
  }

  clear(): void {
    this.values = [];
  }

  summary(): LatencySummary {
    const sorted = Float64Array.from(this.values).sort();
    return { p50: percentile(sorted, 50), p99: percentile(sorted, 99), samples: sorted.length };
  }
}
