import { Injectable, type OnModuleInit } from '@nestjs/common';
import { JournalService } from '../journal/index.js';
import { Metrics } from '../metrics/index.js';

/** Shows the commits and the bounds of the journal, which itself knows nothing of metrics. */
@Injectable()
export class JournalMetrics implements OnModuleInit {
  constructor(
    private readonly journal: JournalService,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.showBounds();
    this.journal.onBatch(({ size, milliseconds }) => {
      this.metrics.journalBatch.observe(size);
      this.metrics.journalCommit.observe(milliseconds / 1000);
      this.metrics.journalQueued.set(this.journal.stats().queued);
    });
  }

  private showBounds(): void {
    const { bounds, buffered } = this.metrics;
    const { queue, batch, enrolled, conversationIds } = this.journal.bounds();
    const stats = () => this.journal.stats();
    bounds.add('journal_operations', { limit: queue.operations, used: () => stats().queued });
    bounds.add('journal_bytes', { limit: queue.bytes, used: () => stats().queuedBytes });
    bounds.add('batch_operations', { limit: batch.operations, used: () => stats().inFlight });
    bounds.add('enrolled_users', { limit: enrolled.capacity, used: () => enrolled.size });
    bounds.add('conversation_ids', { limit: conversationIds.capacity, used: () => conversationIds.size });
    buffered.add('journal', () => stats().queuedBytes);
  }
}
