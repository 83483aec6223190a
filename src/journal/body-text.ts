import { isDeepStrictEqual } from 'node:util';

/** A body as it is stored; undefined when JSON cannot hold it. */
export function bodyText(body: unknown): string | undefined {
  // A cycle, a bigint and a throwing toJSON are all the caller's; `undefined` and functions have no JSON.
  try {
    return JSON.stringify(body) as string | undefined;
  } catch {
    return undefined;
  }
}

/** Whether a text is that of the stored body; the order of keys does not count. */
export function sameBody(text: string | undefined, stored: unknown): boolean {
  const storedText = JSON.stringify(stored);
  if (text === undefined) return false;
  return text === storedText || isDeepStrictEqual(JSON.parse(text), JSON.parse(storedText));
}
