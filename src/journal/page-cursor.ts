import { invalidField, type AppError } from '../common/app-error.js';
import type { Page } from './journal.types.js';

/** Place in a list that is ordered by time, then id. */
export interface PagePlace {
  time: number;
  id: string;
}

/** Milliseconds later than any that is stored. */
export const END_OF_TIME = Number.MAX_SAFE_INTEGER;

/**
 * Place in a list whose rows move to its top while it is read: down to its end, and then up through what has moved
 * since the beginning.
 */
export interface MovingPlace extends PagePlace {
  /** The time of the top at the beginning, while it goes down; null: on the way up. */
  since: number | null;
}

export function encodeCursor({ time, id }: PagePlace): string {
  return encode(time, id);
}

export function encodeMovingCursor({ time, id, since }: MovingPlace): string {
  return encode(time, id, since);
}

/** AppError `invalid` for anything that we did not make. */
export function decodeCursor(cursor: string): PagePlace {
  return placeIn(parse(cursor));
}

/** AppError `invalid` for anything that we did not make. */
export function decodeMovingCursor(cursor: string): MovingPlace {
  const values = parse(cursor);
  const since = values[2];
  if (since !== null && !Number.isSafeInteger(since)) throw notOurs();
  return { ...placeIn(values), since: since as number | null };
}

function placeIn([time, id]: unknown[]): PagePlace {
  if (!Number.isSafeInteger(time) || typeof id !== 'string' || /\0|\p{Cs}/u.test(id)) throw notOurs();
  return { time: time as number, id };
}

const notOurs = (): AppError => invalidField('cursor', 'Not a cursor of this list');

const encode = (...place: unknown[]): string => Buffer.from(JSON.stringify(place)).toString('base64url');

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** A page of rows that were asked for with one more than `limit`, which tells whether there is another page. */
export function pageOf<T extends { conversation: string; time: number }>(
  rows: T[],
  limit: number,
  encoded: (place: PagePlace) => string = encodeCursor,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next: more ? encoded({ time: last.time, id: last.conversation }) : null };
}
