import type { EntryPlace } from '../journal/index.js';

/** A message to be found: its terms stand in it once, in any order. */
export interface SearchDocument extends EntryPlace {
  /** Milliseconds since the epoch: the newest are found first. */
  time: number;
  /** Of `[a-z0-9]`, 3 to 84 characters each. */
  terms: readonly string[];
}

/** What changes in one go. */
export interface IndexChanges {
  /** New ones, and those that take the place of what was indexed for the same entry. */
  documents: readonly SearchDocument[];
  /** Entries that are found no more. */
  removed: readonly EntryPlace[];
  /** How far each conversation is indexed now; never goes back. */
  positions: readonly EntryPlace[];
}

/** Terms of which one must be there; all conditions must hold. */
export interface Condition {
  anyOf: readonly string[];
  /** Whether longer terms that begin so count as well. */
  prefix?: boolean;
}

export interface FindRequest {
  conditions: readonly Condition[];
  /** Of a document found before: those after it. */
  below?: number;
  /** Milliseconds since the epoch, both exclusive. */
  before?: number;
  after?: number;
  limit: number;
}

/** A document that was found; `id` orders by time. */
export interface Found extends EntryPlace {
  id: number;
}

/** A conversation that moved, and how far it is indexed. */
export interface MovedConversation {
  conversation: string;
  head: number;
  indexed: number;
  /** Milliseconds since the epoch. */
  time: number;
}

/**
 * Port: finds entries by terms. It knows nothing of users: who may see what is found is decided elsewhere. Duties of
 * every driver (test/contracts/search-index.contract-spec.ts):
 *
 * - `write` is one transaction, so that what a position says is indexed is indexed; repeating it changes nothing.
 * - `find` gives the newest first, each document once, and never fails for what the terms are.
 * - A store that cannot be reached rejects with AppError `unavailable`.
 */
export abstract class SearchIndex {
  abstract write(changes: IndexChanges): Promise<void>;

  abstract find(request: FindRequest): Promise<Found[]>;

  /** How far conversations are indexed; 0 is left out. */
  abstract positions(conversations: readonly string[]): Promise<Map<string, number>>;

  /** Conversations in the order of their last move, from a place on. */
  abstract moved(from: { time: number; conversation: string }, limit: number): Promise<MovedConversation[]>;
}

/** Ids in one millisecond: small enough for ids to be exact numbers until the year 2109. */
const IDS_PER_MILLISECOND = 2048;

export const firstIdOf = (time: number): number => time * IDS_PER_MILLISECOND;

/** Bounds of the ids asked for: from the first, below the second. */
export function idsOf({ below, before, after }: FindRequest): [number, number] {
  const end =
    before === undefined ? Number.MAX_SAFE_INTEGER : Math.min(firstIdOf(before), Number.MAX_SAFE_INTEGER);
  const start = after === undefined ? 0 : Math.min(firstIdOf(after + 1), Number.MAX_SAFE_INTEGER);
  return [start, Math.min(end, below ?? Number.MAX_SAFE_INTEGER)];
}

/** Ids for documents, of which `taken` says those that are in use at about their times. */
export function newIds(documents: readonly SearchDocument[], taken: ReadonlySet<number>): number[] {
  const used = new Set(taken);
  return documents.map(({ time }) => {
    let id = firstIdOf(time);
    while (used.has(id)) id++;
    used.add(id);
    return id;
  });
}

/** Under which position of no conversation it stands how far moves have been looked through, in milliseconds. */
export const SWEPT = '';
