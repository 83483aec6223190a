import { isDeepStrictEqual } from 'node:util';

const texts = new WeakMap<object, string>();

/**
 * The body as it is stored; undefined when JSON cannot hold it. Made once per request, because the size is asked
 * for when it queues and the text when it is written.
 */
export function bodyText(request: { body: unknown }): string | undefined {
  const known = texts.get(request);
  if (known !== undefined) return known;
  const text = toJson(request.body);
  if (text !== undefined) texts.set(request, text);
  return text;
}

/** A cycle, a bigint and a throwing toJSON are all the caller's; `undefined` and functions have no JSON. */
function toJson(body: unknown): string | undefined {
  try {
    return JSON.stringify(body) as string | undefined;
  } catch {
    return undefined;
  }
}

/** Whether a request carries the stored body; the order of keys does not count. */
export function sameBody(request: { body: unknown }, stored: unknown): boolean {
  const text = bodyText(request);
  const storedText = JSON.stringify(stored);
  if (text === undefined) return false;
  return text === storedText || isDeepStrictEqual(JSON.parse(text), JSON.parse(storedText));
}
