import type { AppError } from '../common/app-error.js';
import type { ConversationKind } from './conversation-id.js';

/** Sender of entries that no user wrote: notifications and broadcasts. Never a valid user id. */
export const SYSTEM_SENDER = '';

/** One line of a conversation's journal: at its place for good; only its body may be replaced ({@link Effects.bodies}). */
export interface Entry {
  conversation: string;
  /** From 1, without a hole, allocated in the transaction that stored the entry. */
  seq: number;
  /** What the entry is: `message`, `notification`, later edits, reactions and membership changes. */
  type: string;
  /** User id or {@link SYSTEM_SENDER}. */
  sender: string;
  /** The device it was sent on, where that named itself: the one device that need not be brought it. */
  device?: string;
  /** The sender's idempotency key, unique with conversation and sender for as long as the entry lives. */
  clientId: string;
  /** Any JSON value; its shape belongs to `type`. Comes back as it went in. */
  body: unknown;
  /** Milliseconds since the epoch, by the server's clock. Not an order. */
  time: number;
}

/** Stands for all devices of a user that have no name; holds how far what he sent himself was looked through. */
export const NAMELESS_DEVICE = '';

/** An entry to be stored, once. */
export interface AppendRequest {
  conversation: string;
  type: string;
  /** A user must be a member; {@link SYSTEM_SENDER} need not be. */
  sender: string;
  /** The device it is sent on, where that names itself. Not part of what makes a repetition the same. */
  device?: string;
  clientId: string;
  body: unknown;
  /** How to make the conversation when it does not exist. Without it an absent one is `not_found`. */
  create?: { kind: ConversationKind; members: readonly string[] };
  /** Judges the entry in place of the conversation's {@link AppendRule}. */
  rule?: AppendRule;
  /**
   * Judges besides the rule that holds for the entry (its own, its kind's, or plain membership), after it; the effects of
   * both take place.
   */
  check?: AppendRule;
  /** Users whom `rule` and `check` ask about; each is a look-up. */
  about?: readonly string[];
  /** Entries of the conversation that `rule` and `check` ask about; each is a look-up. */
  targets?: readonly number[];
  /** What else `rule` and `check` ask; each is a look-up. */
  questions?: readonly Question[];
  /**
   * Conversations whose locks are held as well: so that entries of different conversations are judged one after the other
   * where they share something, the groups of a user say. An absent one is made for it, and is gone afterwards.
   */
  locks?: readonly ConversationLock[];
  /**
   * Whether the entry stored under this client id came from this very request although its body is another one by now.
   * Absent: type and body must be the same.
   */
  repeats?: (stored: Entry, request: AppendRequest) => boolean;
  /** Rows of a room's own tables, to be written in the transaction of the entry. Not called for a repetition. */
  rows?: (entry: Entry) => readonly RowStatement[];
}

export interface ConversationLock {
  id: string;
  kind: ConversationKind;
}

/** Rows of other tables that a rule has to know, asked for in the transaction, when all locks are held. */
export interface Question {
  /** The same wherever the same is asked. */
  key: string;
  /** A SELECT that SQLite and MySQL both understand. Counts and sums may come as texts. */
  select: RowStatement;
}

/** Rows that answer a {@link Question}. */
export type Answer = readonly Readonly<Record<string, unknown>>[];

/** SQL that SQLite and MySQL both understand (REPLACE, INSERT … SELECT, UPDATE, DELETE), and its values. */
export type RowStatement = readonly [sql: string, ...values: unknown[]];

/** A time of membership that has ended: entries above `joined`, up to and including `left`, were for him and stay his. */
export interface Stay {
  joined: number;
  left: number;
}

/** What a user is to a conversation. */
export interface Relation {
  /** Entries up to and including this one are not for him, but for those of {@link earlier} stays. */
  joined: number;
  /** The last entry that is for him; null: he is a member. 0: he never was one (invited, banned, …). */
  left: number | null;
  /** Before he came back, ascending; at most `STAYS_LIMIT`, the oldest of more are forgotten. Absent: he never did. */
  earlier?: readonly Stay[];
  delivered: number;
  read: number;
  /** Belongs to the room whose kind of conversation it is. */
  role: string | null;
  /** Any JSON object, likewise; null: none. */
  attributes: Record<string, unknown> | null;
}

/** What is true at the moment an entry is judged, under the lock of its conversation. */
export interface Scene {
  /** The place the entry would have. */
  seq: number;
  /** Milliseconds since the epoch: the entry's own time. */
  time: number;
  /** Whether the conversation is made by this very entry. */
  isNew: boolean;
  /** Any JSON object, kept with the conversation for the room whose kind it is; null: none. */
  state: Record<string, unknown> | null;
  /** Of those in the request's `about`; of nobody else. */
  relation(user: string): Relation | undefined;
  /** Of those in the request's `targets`; of no other. As it is now. */
  entry(seq: number): Entry | undefined;
  /** To those in the request's `questions`; to no other. As it is now, if the rules say how they change it. */
  answer(key: string): Answer;
}

/**
 * How somebody's relation changes with an entry; what is absent stays as it is. Who was a member once and becomes one
 * again (`left: null`) at another `joined` keeps what was for him before: see {@link Relation.earlier}.
 */
export interface RelationChange {
  user: string;
  joined?: number;
  left?: number | null;
  /** Nothing up to here counts as unread, unless he left something unread behind; cursors never go back. */
  seen?: number;
  role?: string | null;
  attributes?: Record<string, unknown> | null;
}

/** What changes together with an entry. */
export interface Effects {
  relations?: readonly RelationChange[];
  /** Replaces the conversation's state. */
  state?: Record<string, unknown>;
  /** Replaces the bodies of entries of the conversation: what stood there is gone. */
  bodies?: readonly BodyChange[];
  /**
   * Answers as they will be when the `rows` of the entry are written. Nothing is stored: it is for the rules of entries
   * that share the transaction, whose questions were asked before anything was written.
   */
  answers?: ReadonlyMap<string, Answer>;
}

/** Another body for an entry that is there already. */
export interface BodyChange {
  seq: number;
  /** Any JSON value. */
  body: unknown;
}

/**
 * Whether an entry may be stored, and what changes with it: an AppError refuses it, and nothing has changed. Called in
 * the transaction, perhaps more than once, so it must be pure. It alone decides: without a rule a sender who is no
 * member is `not_found`.
 */
export type AppendRule = (scene: Scene, request: AppendRequest) => AppError | Effects | undefined;

/**
 * Asked before any rule about every entry that a user writes into a conversation of its kind, however it is written: it
 * may refuse, and that is all. Pure, and on the way of every message: so it is given the conversation's state as it is
 * stored, JSON or null, to look into only where there is something to be found.
 */
export type AppendGuard = (
  state: string | null | undefined,
  request: Readonly<AppendRequest>,
) => AppError | undefined;

/** An entry that a change may bring about, without its body. */
export type EntryDraft = Pick<AppendRequest, 'conversation' | 'type' | 'sender' | 'clientId' | 'create'>;

/** Changes what is kept with a conversation without an entry in it, and may write entries into others; all or nothing. */
export interface ChangeRequest {
  /** Its lock is held while the rule judges. */
  conversation: string;
  /** Made where it is absent: empty, and nobody is a member. */
  kind: ConversationKind;
  entries: readonly EntryDraft[];
  /** An AppError refuses the change, undefined says that there is none. Pure, as an {@link AppendRule}. */
  rule: (scene: Scene) => AppError | Change | undefined;
  /** Users whom `rule` asks about. */
  about?: readonly string[];
}

export interface Change extends Effects {
  /** Bodies of the request's entries, by position; undefined: that one is not written. */
  entryBodies?: readonly unknown[];
  rows?: readonly RowStatement[];
}

export interface ChangeResult {
  /** What the rule said; absent: nothing has changed. */
  change?: Change;
  /** Those that were written. */
  entries: readonly Entry[];
}

export interface AppendResult {
  entry: Entry;
  /** True: this client id had been stored before; `entry` is the one stored then. */
  duplicate: boolean;
  /** Bodies of other entries of the conversation were replaced with it. */
  replaced?: true;
}

/** The part of a conversation that is for one user, and what he does not see in a stretch of it. */
export interface Visibility {
  /** Entries up to and including this one are not for him. */
  joined: number;
  /** The last entry that is for him; null: there is none after which it ends. */
  left: number | null;
  /** Hidden by him, or written while he was away. */
  hidden: ReadonlySet<number>;
}

/** A new entry, just committed by this process. */
export interface Committed {
  entry: Entry;
  /**
   * As the appender gave it: whatever the request came in on, a connection's id say. Stored nowhere. Absent when he was
   * not told that the entry is stored, because its commit had seemed to fail.
   */
  origin?: string;
}

/** Moves a member's cursors forward; never back. */
export interface MarkRequest {
  conversation: string;
  user: string;
  /** The device that has the entries; its own cursor moves too. Absent: only the member's. */
  device?: string;
  /** Everything up to here is on a device. Beyond the head is refused as `invalid`. */
  delivered?: number;
  /** Everything up to here was seen by the user; implies `delivered`. */
  read?: number;
}

export interface MarkResult {
  delivered: number;
  read: number;
  /** Whether the member's cursor moved, so that somebody has to be told. */
  deliveredMoved: boolean;
  readMoved: boolean;
}

/** A member's view of one conversation. */
export interface Membership {
  conversation: string;
  kind: ConversationKind;
  /** Last sequence number; 0 when empty. For who has left: the last one that is for him. */
  head: number;
  /** When the head last moved, milliseconds since the epoch. */
  time: number;
  /** Entries up to and including this one are not for this member, but for those of {@link earlier} stays. */
  joined: number;
  /** The last entry that is for him; null: he is a member. */
  left: number | null;
  /** As in {@link Relation}. */
  earlier?: readonly Stay[];
  delivered: number;
  read: number;
  role: string | null;
  attributes: Record<string, unknown> | null;
  /** The conversation's own. */
  state: Record<string, unknown> | null;
}

/** A conversation, whoever asks. */
export interface ConversationFacts {
  kind: ConversationKind;
  head: number;
  /** Milliseconds since the epoch. */
  time: number;
  state: Record<string, unknown> | null;
}

/** A conversation with entries that a device has not got. */
export interface Backlog {
  conversation: string;
  /** Read after this one. */
  after: number;
  head: number;
  time: number;
  /** The parts of it that are for him; only of who has come back to a group, since there are others. */
  parts?: readonly { after: number; upTo: number }[];
}

/** What is read of who has come, in one question. */
export interface Arrival {
  /** Ids of all groups that the user is a member of. */
  groups: string[];
  /** The first page. */
  backlog: Page<Backlog>;
}

/** A member who has read so far. */
export interface Reader {
  user: string;
  read: number;
}

/** Where an entry is. */
export interface EntryPlace {
  conversation: string;
  seq: number;
}

/** A stretch of a conversation: above `after`, up to and including `upTo`. */
export interface EntryWindow {
  conversation: string;
  after: number;
  upTo: number;
}

export interface Page<T> {
  items: T[];
  /** Pass it back for the next page; null: there is none. Opaque. */
  next: string | null;
}

/** At most one of `before` and `after`, both exclusive. Neither: the newest. */
export interface ReadRange {
  before?: number;
  after?: number;
  limit: number;
}

export interface PageRequest {
  /** From the page before; absent: the first. */
  cursor?: string;
  limit: number;
}
