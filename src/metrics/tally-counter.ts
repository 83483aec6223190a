import { Counter, type CounterConfiguration } from 'prom-client';

/** What happened under one set of labels since somebody last looked; add to it directly. */
export interface Tally {
  count: number;
}

/** A counter for what happens on the way of every frame, where finding a metric by its labels would cost too much. */
export class TallyCounter<Label extends string> {
  private readonly counter: Counter<Label>;
  private readonly tallies: { labels: Record<Label, string>; tally: Tally }[] = [];

  constructor(configuration: CounterConfiguration<Label>) {
    this.counter = new Counter({ ...configuration, collect: () => this.handOver() });
  }

  /** To be asked for once and kept: it lives as long as the counter. */
  tally(labels: Record<Label, string>): Tally {
    const tally = { count: 0 };
    this.tallies.push({ labels, tally });
    return tally;
  }

  private handOver(): void {
    for (const { labels, tally } of this.tallies) {
      this.counter.inc(labels, tally.count);
      tally.count = 0;
    }
  }
}
