import { type BeforeApplicationShutdown, Injectable, Logger } from '@nestjs/common';
import { Deferred } from '../common/deferred.js';
import { bodyText } from './body-text.js';
import { type ConversationKind, parseConversationId, parsedConversationIds } from './conversation-id.js';
import {
  type BatchLimits,
  type BatchReport,
  type CommitStats,
  GroupCommit,
  QUEUE_LIMITS,
  SQLITE_BATCH,
} from './group-commit.js';
import { type JournalOperation, type JournalOutcome, JournalStore } from './journal-store.js';
import type {
  AppendGuard,
  AppendRequest,
  AppendResult,
  AppendRule,
  Arrival,
  Backlog,
  ChangeRequest,
  ChangeResult,
  Committed,
  ConversationFacts,
  Entry,
  EntryPlace,
  EntryWindow,
  MarkRequest,
  MarkResult,
  Membership,
  Page,
  PageRequest,
  Reader,
  ReadRange,
  Relation,
  Visibility,
} from './journal.types.js';
import { Listeners } from './listeners.js';
import { type Bounded, RecentlyUsed } from './recently-used.js';

/** Users known to be enrolled, so that a reconnect costs no look-up. */
const ENROLLED_REMEMBERED = 100_000;

/** The journals of all conversations. Every promise of a write resolves after the commit and never before. */
@Injectable()
export class JournalService implements BeforeApplicationShutdown {
  private readonly logger = new Logger('Journal');
  private readonly committed = new Listeners<Committed>(this.logger);
  private readonly replaced = new Listeners<string>(this.logger);
  private readonly batches = new Listeners<BatchReport>(this.logger);
  private readonly told = new Listeners<void>(this.logger);
  private readonly enrolled = new RecentlyUsed<string>(ENROLLED_REMEMBERED);
  private readonly rules = new Map<ConversationKind | undefined, KindRule>();
  private readonly guards = new Map<ConversationKind, AppendGuard>();
  private readonly groupCommit: GroupCommit;

  constructor(
    private readonly store: JournalStore,
    limits: BatchLimits = SQLITE_BATCH,
  ) {
    this.groupCommit = new GroupCommit(
      store,
      limits,
      (report) => this.batches.call(report),
      (entry) => this.committed.call({ entry }),
      () => this.told.call(),
    );
  }

  /**
   * Stores an entry. Rejects with AppError: `not_found` (no such conversation, or not a member), `conflict`, `invalid`,
   * `overloaded`, or `unavailable`, after which the same request may be made again. `origin` is handed to the
   * listeners as it is, for them to know who has it already.
   */
  append(request: AppendRequest, origin?: string): Promise<AppendResult> {
    return this.submit(request, origin).toPromise();
  }

  /**
   * Like {@link append}, but settled in the very order of the journal, entry by entry: what the listeners of an entry
   * and its appender write has the order of the sequence.
   */
  submit(request: AppendRequest, origin?: string): Deferred<AppendResult> {
    const judged = this.judged(request);
    const text = bodyText(request.body);
    const bytes = Buffer.byteLength(text ?? '');
    const guards = this.guards.size > 0 ? this.guards : undefined;
    const settled = ({ entry, duplicate, replaced }: AppendResult): void => {
      if (replaced) this.replaced.call(request.conversation);
      if (!duplicate) this.committed.call({ entry, origin });
    };
    return this.enqueue({ op: 'append', request: judged, text, guards }, bytes, settled);
  }

  /**
   * Changes what is kept with a conversation, and writes entries into others, in one transaction: see
   * {@link ChangeRequest}. Settles and rejects like `submit`; after `unavailable` it may have been done or not.
   */
  change(request: ChangeRequest): Promise<ChangeResult> {
    const settled = ({ entries, change }: ChangeResult): void => {
      if (change?.bodies) this.replaced.call(request.conversation);
      for (const entry of entries) this.committed.call({ entry });
    };
    return this.enqueue({ op: 'change', request }, 0, settled).toPromise();
  }

  /** One guard for a kind of conversation, set at start. */
  setGuard(kind: ConversationKind, guard: AppendGuard): void {
    if (this.guards.has(kind)) throw new Error(`There are two guards of conversations of the kind ${kind}`);
    this.guards.set(kind, guard);
  }

  /**
   * Judges every entry of a kind of conversation that brings no rule of its own. One rule for a kind, set at start.
   * `about`: whom it asks about.
   */
  setRule(kind: ConversationKind, rule: AppendRule, about?: KindRule['about']): void {
    if (this.rules.has(kind)) throw new Error(`There are two rules for conversations of the kind ${kind}`);
    this.rules.set(kind, { rule, about });
  }

  /** Moves a member's cursors. Rejects like `append`; `invalid` (field `seq`) beyond the head. */
  mark(request: MarkRequest): Promise<MarkResult> {
    return this.submitMark(request).toPromise();
  }

  /** Like {@link mark}, settled in order with the entries around it. */
  submitMark(request: MarkRequest): Deferred<MarkResult> {
    return this.enqueue<MarkResult>({ op: 'mark', request });
  }

  /** Makes a user known, who from then on gets broadcasts, and those of the last week. Free when he is. */
  async enrol(user: string): Promise<void> {
    if (this.enrolled.has(user)) return;
    if (!(await this.store.isEnrolled(user))) await this.enqueue({ op: 'enrol', user }).toPromise();
    this.enrolled.add(user);
  }

  read(conversation: string, range: ReadRange, user?: string): Promise<Entry[]> {
    return this.store.read(conversation, range, user);
  }

  /** See {@link JournalStore.visibility}. */
  visibility(
    user: string,
    conversation: string,
    stretch: { after: number; upTo: number },
  ): Promise<Visibility | undefined> {
    return this.store.visibility(user, conversation, stretch);
  }

  readAt(conversation: string, seqs: readonly number[], user?: string): Promise<Entry[]> {
    return this.store.readAt(conversation, seqs, user);
  }

  entryOf(address: Pick<Entry, 'conversation' | 'sender' | 'clientId'>): Promise<Entry | undefined> {
    return this.store.entryOf(address);
  }

  conversation(id: string): Promise<ConversationFacts | undefined> {
    return this.store.conversation(id);
  }

  relation(user: string, conversation: string): Promise<Relation | undefined> {
    return this.store.relation(user, conversation);
  }

  groupsOf(user: string): Promise<string[]> {
    return this.store.groupsOf(user);
  }

  membership(user: string, conversation: string): Promise<Membership | undefined> {
    return this.store.membership(user, conversation);
  }

  memberships(user: string, page: PageRequest): Promise<Page<Membership>> {
    return this.store.memberships(user, page);
  }

  peerCursors(
    user: string,
    conversations: readonly string[],
  ): Promise<Map<string, { delivered: number; read: number }>> {
    return this.store.peerCursors(user, conversations);
  }

  /** See {@link JournalStore.counts}. */
  counts(
    user: string,
    types: readonly string[],
    windows: readonly EntryWindow[],
  ): Promise<Map<string, number>> {
    return this.store.counts(user, types, windows);
  }

  /** See {@link JournalStore.at}. */
  at(user: string, places: readonly EntryPlace[]): Promise<Entry[]> {
    return this.store.at(user, places);
  }

  /** See {@link JournalStore.readers}. */
  readers(
    place: EntryPlace,
    except: string,
    page: { after: string; limit: number },
  ): Promise<{ count: number; readers: Reader[] } | undefined> {
    return this.store.readers(place, except, page);
  }

  backlog(user: string, device: string | undefined, page: PageRequest): Promise<Page<Backlog>> {
    return this.store.backlog(user, device, page);
  }

  /** See {@link JournalStore.arrival}. */
  arrival(user: string, device: string | undefined, limit: number): Promise<Arrival> {
    return this.store.arrival(user, device, limit);
  }

  /**
   * Calls the listener for every new entry, in the order of the commits, right after the commit and just before that
   * entry's appender is told. A listener that throws is logged and harms nobody. Gives the function that ends it.
   */
  onCommitted(listener: (committed: Committed) => void): () => void {
    return this.committed.add(listener);
  }

  /**
   * Calls the listener with a conversation in which bodies of entries were replaced, right after the commit. Silent for a
   * commit whose outcome was not learned, so what is kept of bodies must not be kept for long.
   */
  onReplaced(listener: (conversation: string) => void): () => void {
    return this.replaced.add(listener);
  }

  /** Calls the listener after every commit. */
  onBatch(listener: (report: BatchReport) => void): () => void {
    return this.batches.add(listener);
  }

  /**
   * Calls the listener when every entry of a commit has been told to those who listen, and to its appender: in the same
   * turn, for what is cheaper done for many entries at once.
   */
  onBatchTold(listener: () => void): () => void {
    return this.told.add(listener);
  }

  stats(): CommitStats {
    return this.groupCommit.stats();
  }

  /** Everything here that has a limit. */
  bounds(): { queue: BatchLimits; batch: BatchLimits; enrolled: Bounded; conversationIds: Bounded } {
    return {
      queue: QUEUE_LIMITS,
      batch: this.groupCommit.batchLimits,
      enrolled: this.enrolled,
      conversationIds: parsedConversationIds,
    };
  }

  /** Resolves when nothing waits and nothing is in flight. */
  drain(): Promise<void> {
    return this.groupCommit.drain();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.drain();
  }

  private judged(request: AppendRequest): AppendRequest {
    if (request.rule || this.rules.size === 0) return request;
    const { rule, about } = this.rules.get(parseConversationId(request.conversation)?.kind) ?? {};
    if (!rule) return request;
    return { ...request, rule, about: [...(about?.(request) ?? []), ...(request.about ?? [])] };
  }

  /** `settled` is called with the outcome just before the caller is. */
  private enqueue<T>(operation: JournalOperation, bytes = 0, settled?: (outcome: T) => void): Deferred<T> {
    const deferred = new Deferred<T>();
    const fail = (error: unknown): void => deferred.reject(error);
    const settle = (outcome: JournalOutcome): void => {
      if (outcome instanceof Error) return fail(outcome);
      settled?.(outcome as T);
      deferred.resolve(outcome as T);
    };
    try {
      this.groupCommit.add({ operation, bytes, settle, fail });
    } catch (error) {
      fail(error);
    }
    return deferred;
  }
}

interface KindRule {
  rule: AppendRule;
  about?: (request: AppendRequest) => readonly string[];
}
