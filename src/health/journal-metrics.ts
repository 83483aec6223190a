import { Injectable, type OnModuleInit } from '@nestjs/common';
import { JournalService } from '../journal/index.js';
import { Metrics } from '../metrics/index.js';

/** Counts the commits of the journal, which itself knows nothing of metrics. */
@Injectable()
export class JournalMetrics implements OnModuleInit {
  constructor(
    private readonly journal: JournalService,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.journal.onBatch(({ size, milliseconds }) => {
      this.metrics.journalBatch.observe(size);
      this.metrics.journalCommit.observe(milliseconds / 1000);
      this.metrics.journalQueued.set(this.journal.stats().queued);
    });
  }
}
