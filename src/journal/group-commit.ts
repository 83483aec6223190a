import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/app-error.js';
import type { JournalOperation, JournalOutcome, JournalStore } from './journal-store.js';
import type { AppendRequest, AppendResult, Entry } from './journal.types.js';

/** What may share one transaction. */
export interface BatchLimits {
  operations: number;
  /** Bytes of bodies. */
  bytes: number;
}

/** SQLite blocks the event loop while it commits, so its batches are short. */
export const SQLITE_BATCH: BatchLimits = { operations: 128, bytes: 1024 ** 2 };
export const MYSQL_BATCH: BatchLimits = { operations: 512, bytes: 4 * 1024 ** 2 };

/** What may wait; beyond it an operation is refused as `overloaded`. */
export const QUEUE_LIMITS: BatchLimits = { operations: 20_000, bytes: 64 * 1024 ** 2 };
/** Seconds that a refused caller should wait. */
const RETRY_AFTER = 1;
/** Milliseconds between attempts to learn what became of a batch that failed. */
const DOUBT_PAUSE = 500;

/** An operation that waits for its commit. */
export interface Pending {
  operation: JournalOperation;
  /** Size of the body. */
  bytes: number;
  /** Called in the order of the batch; must not throw. */
  settle(outcome: JournalOutcome): void;
  fail(error: unknown): void;
}

export interface CommitStats {
  /** Operations that wait, and the bytes of their bodies. */
  queued: number;
  queuedBytes: number;
  /** Operations in the commit that is under way. */
  inFlight: number;
}

interface Doubt {
  /** What to look for. */
  request: AppendRequest;
  /** Where the entry would be. */
  seq: number;
}

export interface BatchReport {
  /** Operations in the batch. */
  size: number;
  /** Duration of the commit. */
  milliseconds: number;
}

/**
 * Gathers operations while a commit is in flight, or for one turn of the event loop when none is, and commits them
 * together, one batch at a time, in the order of arrival. A batch that fails is not tried again, and its callers are
 * told so; but a failure may have struck after the commit, and then entries are stored that nobody was told of. So
 * nothing else is committed until the store has said which of them it has.
 */
export class GroupCommit {
  private readonly queue: Pending[] = [];
  private first = 0;
  private bytes = 0;
  private inFlight = 0;
  /** What a batch that failed would have stored anew, until it is known what became of it. */
  private doubts: readonly Doubt[] = [];
  private scheduled = false;
  private drained: (() => void)[] = [];

  constructor(
    private readonly store: JournalStore,
    private readonly limits: BatchLimits,
    /** Called right after each commit; must not throw. */
    private readonly onCommit: (report: BatchReport) => void,
    /** Called for each entry of an operation that had failed and turned out to be stored; must not throw. */
    private readonly onFoundStored: (entry: Entry) => void,
    /** Called in the same turn when all that became known with a commit has been told; must not throw. */
    private readonly onTold: () => void,
  ) {}

  /** Throws AppError `overloaded` when too much waits. */
  add(pending: Pending): void {
    const tooMany = this.queued >= QUEUE_LIMITS.operations;
    if (tooMany || this.bytes + pending.bytes > QUEUE_LIMITS.bytes)
      throw new AppError(ErrorCode.Overloaded, { retryAfter: RETRY_AFTER });
    this.queue.push(pending);
    this.bytes += pending.bytes;
    this.schedule();
  }

  stats(): CommitStats {
    return { queued: this.queued, queuedBytes: this.bytes, inFlight: this.inFlight };
  }

  get batchLimits(): BatchLimits {
    return this.limits;
  }

  /** Resolves when nothing waits and nothing is in flight. */
  drain(): Promise<void> {
    if (this.idle) return Promise.resolve();
    return new Promise((resolve) => this.drained.push(resolve));
  }

  private get queued(): number {
    return this.queue.length - this.first;
  }

  private get idle(): boolean {
    return this.queued === 0 && this.inFlight === 0;
  }

  private schedule(): void {
    if (this.scheduled || this.inFlight > 0) return;
    if (this.queued > 0) setImmediate(() => this.start());
    else if (this.doubts.length > 0) setTimeout(() => this.start(), DOUBT_PAUSE).unref();
    else return;
    this.scheduled = true;
  }

  private start(): void {
    this.scheduled = false;
    void this.commitNext();
  }

  private async commitNext(): Promise<void> {
    const batch = this.take();
    this.inFlight = batch.length;
    await this.commit(batch);
    this.inFlight = 0;
    this.schedule();
    if (!this.idle) return;
    for (const resolve of this.drained.splice(0)) resolve();
  }

  private async commit(batch: readonly Pending[]): Promise<void> {
    try {
      if (this.doubts.length > 0) await this.settleDoubts();
    } catch (error) {
      for (const pending of batch) pending.fail(error);
      return;
    }
    if (batch.length > 0) await this.commitBatch(batch);
  }

  private async commitBatch(batch: readonly Pending[]): Promise<void> {
    const start = performance.now();
    let decided: readonly JournalOutcome[] = [];
    try {
      const outcomes = await this.store.commit(
        batch.map(({ operation }) => operation),
        (expected) => (decided = expected),
      );
      this.onCommit({ size: batch.length, milliseconds: performance.now() - start });
      batch.forEach((pending, index) => pending.settle(outcomes[index]));
      this.onTold();
    } catch (error) {
      this.doubts = decided.flatMap(doubtsOf);
      for (const pending of batch) pending.fail(error);
    }
  }

  private async settleDoubts(): Promise<void> {
    const finds = this.doubts.map(({ request }): JournalOperation => ({ op: 'find', request }));
    const outcomes = await this.store.commit(finds);
    const doubts = this.doubts;
    this.doubts = [];
    doubts.forEach(({ seq }, index) => {
      const outcome = outcomes[index];
      if (isStoredAt(outcome, seq)) this.onFoundStored(outcome.entry);
    });
    this.onTold();
  }

  /** The oldest operations that fit; at least one. */
  private take(): Pending[] {
    const batch: Pending[] = [];
    let bytes = 0;
    for (let next = this.queue[this.first]; next; next = this.queue[this.first]) {
      const full = batch.length >= this.limits.operations || bytes + next.bytes > this.limits.bytes;
      if (full && batch.length > 0) break;
      batch.push(next);
      bytes += next.bytes;
      this.first++;
    }
    this.bytes -= bytes;
    this.compact();
    return batch;
  }

  /** Now and then, because shifting a long array for every batch would be slow. */
  private compact(): void {
    if (this.first * 2 < this.queue.length) return;
    this.queue.splice(0, this.first);
    this.first = 0;
  }
}

/** What was no new entry was told, or refused, before: nothing about it is in doubt. */
function doubtsOf(decided: JournalOutcome): Doubt[] {
  return newEntriesOf(decided).map((entry) => ({ request: entry, seq: entry.seq }));
}

function newEntriesOf(outcome: JournalOutcome): readonly Entry[] {
  if (outcome === undefined || outcome instanceof Error) return [];
  if ('entries' in outcome) return outcome.entries;
  return 'entry' in outcome && !outcome.duplicate ? [outcome.entry] : [];
}

function isStoredAt(outcome: JournalOutcome, seq: number): outcome is AppendResult {
  return outcome !== undefined && 'entry' in outcome && outcome.entry.seq === seq;
}
