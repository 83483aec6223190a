import { randomUUID } from 'node:crypto';

/** Strings, so that what stands in them is passed over, and numbers. */
const TOKENS = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d[\d.eE+-]*/g;
const WHOLE = /^-?\d{16,}$/;
/** Nobody outside can know it, so no text of a client is taken for a number. */
const MARK = `${randomUUID()}:`;
const MARKED = new RegExp(`"${MARK}(-?\\d+)"`, 'g');

/** Whether a value that `JSON.parse` gave is a whole number with other digits than were written. */
export const isInexact = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && !Number.isSafeInteger(value);

/** Valid JSON; its whole numbers beyond 2^53 are BigInts. */
export function parseExactly(json: string): unknown {
  const marked = json.replace(TOKENS, (token) =>
    WHOLE.test(token) && isInexact(Number(token)) ? `"${MARK}${token}"` : token,
  );
  return JSON.parse(marked, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? BigInt(value.slice(MARK.length)) : value,
  );
}

/** BigInts are numbers, with all their digits. */
export const stringifyExactly = (value: unknown): string =>
  JSON.stringify(value, (_, each: unknown) => (typeof each === 'bigint' ? `${MARK}${each}` : each)).replace(
    MARKED,
    '$1',
  );
