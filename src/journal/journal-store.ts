import type { ConversationKind } from './conversation-id.js';
import type {
  AppendGuard,
  AppendRequest,
  AppendResult,
  Arrival,
  Backlog,
  ChangeRequest,
  ChangeResult,
  ConversationFacts,
  Entry,
  EntryPlace,
  EntryWindow,
  MarkRequest,
  MarkResult,
  Membership,
  Page,
  Reader,
  ReadRange,
  Relation,
  Visibility,
} from './journal.types.js';

/** Relations of a conversation that are looked at for who has read. */
export const READERS_LIMIT = 5000;

/** One write to the journal; many of them share a transaction. */
export type JournalOperation =
  | { op: 'append'; request: AppendRequest; text?: BodyText; guards?: Guards }
  | { op: 'change'; request: ChangeRequest }
  /** Changes nothing: tells whether an append, whose commit was left in doubt, was stored after all. */
  | { op: 'find'; request: AppendRequest; text?: BodyText }
  | { op: 'mark'; request: MarkRequest }
  /** Makes a user known: from here on the broadcast conversation is his too. */
  | { op: 'enrol'; user: string };

/** The request's body as it is stored, where that was made already: its size is asked for before it is written. */
type BodyText = string;

/** By kind of conversation. */
export type Guards = ReadonlyMap<ConversationKind, AppendGuard>;

/** What became of one operation: its result, or the AppError that refused it alone. */
export type JournalOutcome = AppendResult | ChangeResult | MarkResult | undefined | Error;

/** Called before a batch is written, with what its outcomes will be if it commits. */
export type OnDecided = (outcomes: readonly JournalOutcome[]) => void;

/**
 * Where journals live. Duties of every driver (test/contracts/journal.contract.ts):
 *
 * - `commit` applies a batch in ONE transaction, in order, and resolves only when it is durable (fsynced).
 *   Outcomes are positional. A refused operation (not_found, conflict, invalid) is an AppError outcome and does
 *   not disturb its neighbours; a failure of the transaction rejects the whole call and leaves nothing behind,
 *   except when the connection died during COMMIT: then the outcome is unknown and a retry with the same
 *   client ids settles it. `decided` is called before anything is written, with what the outcomes will be if the
 *   transaction commits; when it runs again, as after a deadlock, the last call counts.
 * - Sequence numbers are gapless per conversation, from 1, given out under the conversation's row lock.
 * - (conversation, sender, clientId) is stored once. Same content: the stored entry, `duplicate: true`.
 *   Other content: `conflict`. Both also within one batch.
 * - `find` gives the stored entry (as a duplicate) or undefined. It waits for a transaction that may still store it, so
 *   that its answer is final.
 * - Membership is checked in the same transaction: a sender who is not a member, and a conversation that does not
 *   exist, are both `not_found`. A request with a `rule` is judged by that alone; what the rule says, and the request's
 *   `rows`, are written in the same transaction.
 * - A rule's `bodies` replace those of stored entries; a repetition of one of them is known by the request's `repeats`.
 * - A guard of the conversation's kind is asked before the rule, about what users write and is no repetition.
 * - A `change` writes state, relations, rows and entries together, or nothing where its rule refuses.
 * - Who has left keeps what was for him: reading, marking and backlog end at his last entry.
 * - Reads see only committed entries.
 * - A store that cannot be reached rejects with AppError `unavailable`, never with a driver's own error.
 */
export abstract class JournalStore {
  abstract commit(operations: readonly JournalOperation[], decided?: OnDecided): Promise<JournalOutcome[]>;

  /** Entries in ascending order, at most `limit`. With a user only those that are for him and that he has not hidden, else all. */
  abstract read(conversation: string, range: ReadRange, user?: string): Promise<Entry[]>;

  /** What a user may see of a conversation, as {@link read} shows it; `hidden` between `after` and `upTo`, which it includes. */
  abstract visibility(
    user: string,
    conversation: string,
    stretch: { after: number; upTo: number },
  ): Promise<Visibility | undefined>;

  /** Those of these entries that are there, in ascending order; with a user likewise. */
  abstract readAt(conversation: string, seqs: readonly number[], user?: string): Promise<Entry[]>;

  /** What a sender stored under a client id. */
  abstract entryOf(address: {
    conversation: string;
    sender: string;
    clientId: string;
  }): Promise<Entry | undefined>;

  abstract conversation(id: string): Promise<ConversationFacts | undefined>;

  /** What a user is to a conversation, whether he is a member or not. */
  abstract relation(user: string, conversation: string): Promise<Relation | undefined>;

  /** Ids of all groups that the user is a member of. */
  abstract groupsOf(user: string): Promise<string[]>;

  /** The caller's membership, perhaps past; undefined when there never was one (or no such conversation). */
  abstract membership(user: string, conversation: string): Promise<Membership | undefined>;

  /**
   * Every conversation of a user that has entries for him, the last moved first. One that moves while the pages are read
   * comes (perhaps again) at the end, in its new state.
   */
  abstract memberships(user: string, page: { cursor?: string; limit: number }): Promise<Page<Membership>>;

  /** Cursors of other members, by conversation: for direct chats, where there is one peer. */
  abstract peerCursors(
    user: string,
    conversations: readonly string[],
  ): Promise<Map<string, { delivered: number; read: number }>>;

  /**
   * Conversations with entries above both the user's read mark and the device's own cursor, the longest unmoved first.
   * Without a device only the read mark counts.
   */
  abstract backlog(
    user: string,
    device: string | undefined,
    page: { cursor?: string; limit: number },
  ): Promise<Page<Backlog>>;

  /** Both {@link groupsOf} and the first page of {@link backlog}, as they were at the same moment or shortly after. */
  abstract arrival(user: string, device: string | undefined, limit: number): Promise<Arrival>;

  /**
   * How many entries of these types, sent by others than `user` and not hidden by him, lie in each window; a conversation without any is
   * absent. One query that visits every entry of the windows: the caller bounds them.
   */
  abstract counts(
    user: string,
    types: readonly string[],
    windows: readonly EntryWindow[],
  ): Promise<Map<string, number>>;

  /** The entries at these places that are for a user and that he has not hidden, in no certain order. One query. */
  abstract at(user: string, places: readonly EntryPlace[]): Promise<Entry[]>;

  /**
   * Members, but for `except`, who have read an entry that was for them, in the order of their ids: how many, and a
   * page of them from the id `after` on. Undefined where the conversation has more than {@link READERS_LIMIT} relations:
   * there is no index by read mark, which every mark would pay for.
   */
  abstract readers(
    place: EntryPlace,
    except: string,
    page: { after: string; limit: number },
  ): Promise<{ count: number; readers: Reader[] } | undefined>;

  abstract isEnrolled(user: string): Promise<boolean>;
}
