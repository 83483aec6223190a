import { invalidField } from './app-error.js';

/** A place in a list, as a client carries it from page to page. Opaque to it. */
export function encodeListCursor(place: readonly (string | number)[]): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** AppError `invalid` (field `cursor`) for anything that {@link encodeListCursor} did not make of such a place. */
export function decodeListCursor<Place extends readonly ('string' | 'number')[]>(
  cursor: string,
  ...types: Place
): { [Index in keyof Place]: Place[Index] extends 'string' ? string : number } {
  const values = parsed(cursor);
  const fits = values.length === types.length && types.every((type, index) => isA(type, values[index]));
  if (!fits) throw invalidField('cursor', 'Not a cursor of this list');
  return values as { [Index in keyof Place]: Place[Index] extends 'string' ? string : number };
}

function isA(type: 'string' | 'number', value: unknown): boolean {
  if (type === 'number') return Number.isSafeInteger(value);
  return typeof value === 'string' && !/\0|\p{Cs}/u.test(value);
}

function parsed(cursor: string): unknown[] {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}
