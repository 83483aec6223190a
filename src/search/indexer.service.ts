import { setTimeout as delay } from 'node:timers/promises';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { JournalService, type Entry } from '../journal/index.js';
import { Metrics } from '../metrics/index.js';
import { changedBy, isMessage, kindOf, textOf } from './message-text.js';
import { conversationTerm, kindTerm, senderTerm } from './place-terms.js';
import { SWEPT, SearchIndex, type IndexChanges, type SearchDocument } from './search-index.js';
import { termsOf } from './terms.js';

/** Conversations that are remembered to have moved; beyond it they are found again by looking through all that moved. */
const WAITING_LIMIT = 10_000;

/** Milliseconds in which entries gather before they are indexed. */
const GATHER = 100;

/** Conversations, entries of each, and messages in one transaction, which on SQLite holds up everything else. */
const BATCH = 50;
const ENTRIES = 100;
const MESSAGES = 250;

/** Of the time that indexing takes, how often as long it rests, and while the server is busy: sending comes first. */
const REST = 4;
const BUSY_REST = 40;

/** Share of a time in which the event loop worked, or operations in the journal, from which on the server is busy. */
const BUSY = 0.3;
const BUSY_JOURNAL = 8;

/** Milliseconds that indexing waits for a quieter time. */
const PATIENCE = 60_000;

/** Milliseconds that a commit may take after its time was set. */
const SLACK = 60_000;

/** Milliseconds between two looks at what other nodes stored. */
const SWEEP_INTERVAL = 60_000;

const RETRY = 1000;
const LONGEST_REST = 5000;
const PAGE = 500;

/**
 * Brings committed entries into the search index, after the commit, from a position per conversation that is stored
 * with what was indexed: a crash repeats a batch, and repeating changes nothing.
 */
@Injectable()
export class IndexerService implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Search');
  /** By conversation: its place in the line. */
  private readonly waiting = new Map<string, number>();
  private readonly awaiting = new Set<{ ticket: number; resolve: () => void }>();
  private wake?: () => void;
  /** Since when the server is busy, and something waits. */
  private busySince?: number;
  private tickets = 0;
  /** From where on moves have to be looked through; undefined: they have been. */
  private sweep?: { begun: number; from?: { time: number; conversation: string } };
  /** When the sweep began that has been through. */
  private swept?: number;
  private sweeps?: NodeJS.Timeout;
  private running?: Promise<void>;
  private timer?: NodeJS.Timeout;
  private stopped = false;

  constructor(
    private readonly index: SearchIndex,
    private readonly journal: JournalService,
    private readonly config: AppConfig,
    metrics: Metrics,
  ) {
    metrics.bounds.add('search_waiting', { limit: WAITING_LIMIT, used: () => this.waiting.size });
  }

  get enabled(): boolean {
    return this.config.search.enabled;
  }

  onApplicationBootstrap(): void {
    if (!this.enabled) return;
    this.sweep = { begun: Date.now() };
    this.sweeps = setInterval(() => this.look(), SWEEP_INTERVAL).unref();
    this.journal.onCommitted(({ entry }) => this.note(entry.conversation));
    this.schedule(0);
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    clearInterval(this.sweeps);
    this.wake?.();
    await this.running;
  }

  /** Resolves with true when all that is committed now is indexed, with false after `timeout` milliseconds. */
  async reached(timeout: number): Promise<boolean> {
    if (this.waiting.size === 0 && !this.running && !this.sweep) return true;
    const waiter = { ticket: this.tickets, resolve: () => undefined as void };
    const done = new Promise<true>((resolve) => (waiter.resolve = () => resolve(true)));
    this.awaiting.add(waiter);
    this.wake?.();
    this.schedule(0);
    const over = new AbortController();
    try {
      return await Promise.race([done, delay(timeout, false, { signal: over.signal })]);
    } finally {
      over.abort();
      this.awaiting.delete(waiter);
    }
  }

  private look(): void {
    this.sweep ??= { begun: Date.now() };
    this.schedule(0);
  }

  private note(conversation: string): void {
    if (this.waiting.has(conversation)) return;
    if (this.waiting.size >= WAITING_LIMIT) {
      this.sweep ??= { begun: Date.now() };
      return;
    }
    this.waiting.set(conversation, ++this.tickets);
    if (!this.running && !this.timer) this.schedule(GATHER);
  }

  private schedule(after: number): void {
    if (this.running || this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = undefined;
      this.running ??= this.run().finally(() => {
        this.running = undefined;
        if (this.waiting.size > 0 || this.sweep) this.schedule(GATHER);
      });
    }, after);
  }

  private async run(): Promise<void> {
    while (!this.stopped && (this.waiting.size > 0 || this.sweep)) {
      const begun = performance.now();
      try {
        if (this.waiting.size > 0) await this.indexSome();
        else await this.sweepSome();
        await this.settle();
        this.tellWaiters();
      } catch (error) {
        this.logger.warn({ err: error }, 'Indexing failed and will be tried again');
        await delay(RETRY, undefined, { ref: false });
        continue;
      }
      await this.rest(performance.now() - begun);
    }
  }

  /** The first in the line; who has more than fits goes to its end. */
  private async indexSome(): Promise<void> {
    const some = this.takeSome();
    const changes = { documents: [], removed: [], positions: [] } as Mutable<IndexChanges>;
    const unfinished: [string, number][] = [];
    try {
      const positions = await this.index.positions(some.map(([conversation]) => conversation));
      for (const [conversation, ticket] of some) {
        const isFull = changes.documents.length >= MESSAGES;
        if (isFull || (await this.collect(conversation, positions.get(conversation) ?? 0, changes)))
          unfinished.push([conversation, ticket]);
      }
      await this.index.write(changes);
    } catch (error) {
      for (const [conversation, ticket] of some) this.waitOn(conversation, ticket);
      throw error;
    }
    for (const [conversation, ticket] of unfinished) this.waitOn(conversation, ticket);
  }

  private takeSome(): [string, number][] {
    const some: [string, number][] = [];
    for (const each of this.waiting) {
      if (some.push(each) === BATCH) break;
    }
    for (const [conversation] of some) this.waiting.delete(conversation);
    return some;
  }

  /** Back to the end of the line, but who waits for it still does. */
  private waitOn(conversation: string, ticket: number): void {
    this.waiting.delete(conversation);
    this.waiting.set(conversation, ticket);
  }

  /** Reads on in a conversation; true when there may be more. */
  private async collect(
    conversation: string,
    after: number,
    changes: Mutable<IndexChanges>,
  ): Promise<boolean> {
    const entries = await this.journal.read(conversation, { after, limit: ENTRIES });
    const last = entries.at(-1);
    if (!last) return false;
    const changed = entries.flatMap((entry) => changedBy(entry) ?? []).filter((seq) => seq <= after);
    const again = changed.length === 0 ? [] : await this.journal.readAt(conversation, [...new Set(changed)]);
    for (const entry of [...entries, ...again].filter(isMessage)) {
      const document = documentOf(entry);
      if (document) changes.documents.push(document);
      else changes.removed.push({ conversation, seq: entry.seq });
    }
    changes.positions.push({ conversation, seq: last.seq });
    return entries.length === ENTRIES;
  }

  /** What moved while nobody looked: before the start, on other nodes, or when too many moved at once. */
  private async sweepSome(): Promise<void> {
    if (!this.sweep) return;
    const from = (this.sweep.from ??= await this.sweptPlace());
    const page = await this.index.moved(from, PAGE);
    const last = page.at(-1);
    if (last && page.length === PAGE) this.sweep.from = last;
    else {
      this.swept = this.sweep.begun;
      this.sweep = undefined;
    }
    for (const { conversation, head, indexed } of page) if (indexed < head) this.note(conversation);
    // Whoever waited for the sweep waits for what it found.
    if (!this.sweep) for (const waiter of this.awaiting) waiter.ticket = this.tickets;
  }

  private async sweptPlace(): Promise<{ time: number; conversation: string }> {
    const time = (await this.index.positions([SWEPT])).get(SWEPT) ?? 0;
    return { time: Math.max(0, time - SLACK), conversation: '' };
  }

  /** Everything up to the beginning of the last sweep is indexed: the next one need not look at it again. */
  private async settle(): Promise<void> {
    if (this.swept === undefined || this.waiting.size > 0 || this.sweep) return;
    await this.index.write({
      documents: [],
      removed: [],
      positions: [{ conversation: SWEPT, seq: this.swept }],
    });
    this.swept = undefined;
  }

  private tellWaiters(): void {
    if (this.sweep || this.awaiting.size === 0) return;
    let first = Infinity;
    for (const ticket of this.waiting.values()) first = Math.min(first, ticket);
    for (const waiter of this.awaiting) if (waiter.ticket < first) waiter.resolve();
  }

  private async rest(worked: number): Promise<void> {
    const before = performance.eventLoopUtilization();
    await this.sleep(worked * REST);
    const { utilization } = performance.eventLoopUtilization(before);
    const { inFlight, queued } = this.journal.stats();
    const isBusy = utilization > BUSY || inFlight + queued > BUSY_JOURNAL;
    if (!isBusy || this.waiting.size === 0) this.busySince = undefined;
    else this.busySince ??= performance.now();
    if (this.busySince !== undefined && performance.now() - this.busySince < PATIENCE)
      await this.sleep(worked * (BUSY_REST - REST));
  }

  /** Not while somebody waits for what he searches. */
  private async sleep(milliseconds: number): Promise<void> {
    if (this.awaiting.size > 0 || this.stopped) return;
    const over = new AbortController();
    this.wake = () => over.abort();
    await delay(Math.min(milliseconds, LONGEST_REST), undefined, { ref: false, signal: over.signal }).catch(
      () => undefined,
    );
    this.wake = undefined;
  }
}

type Mutable<T> = { [Key in keyof T]: T[Key] extends readonly (infer Item)[] ? Item[] : T[Key] };

function documentOf(entry: Entry): SearchDocument | undefined {
  const { conversation, seq, sender, time } = entry;
  const text = textOf(entry);
  const words = text === undefined ? [] : termsOf(text);
  if (words.length === 0) return undefined;
  const terms = [conversationTerm(conversation), senderTerm(sender), kindTerm(kindOf(entry)), ...words];
  return { conversation, seq, time, terms };
}
