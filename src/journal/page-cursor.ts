import { invalidField } from '../common/app-error.js';
import type { Page } from './journal.types.js';

/** Place in a list that is ordered by time, then id. */
export interface PagePlace {
  time: number;
  id: string;
}

/** Milliseconds later than any that is stored. */
export const END_OF_TIME = Number.MAX_SAFE_INTEGER;

export function encodeCursor({ time, id }: PagePlace): string {
  return Buffer.from(JSON.stringify([time, id])).toString('base64url');
}

/** AppError `invalid` for anything that we did not make. */
export function decodeCursor(cursor: string): PagePlace {
  const [time, id] = parse(cursor);
  if (!Number.isSafeInteger(time) || typeof id !== 'string' || /\0|\p{Cs}/u.test(id))
    throw invalidField('cursor', 'Not a cursor of this list');
  return { time: time as number, id };
}

function parse(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** A page of rows that were asked for with one more than `limit`, which tells whether there is another page. */
export function pageOf<T extends { conversation: string; time: number }>(rows: T[], limit: number): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next: more ? encodeCursor({ time: last.time, id: last.conversation }) : null };
}
