import { createHash } from 'node:crypto';
import type { AppendRequest, BodyChange, Entry, Scene } from '../journal/index.js';
import { isNotification, isErased, type ErasedBody, type NotificationBody } from './notification-message.js';

/**
 * Erasing what notifications said: their places and idempotency keys stay, their content is gone for every reader, now
 * and later. A repetition of one is still known, by a digest. Of the scene's entries, those that are no notification, or
 * erased already, stay as they are.
 */
export function erasures(scene: Scene, seqs: readonly number[]): BodyChange[] {
  return seqs.flatMap((seq) => {
    const entry = scene.entry(seq);
    if (!entry || !isNotification(entry) || isErased(entry.body as NotificationBody)) return [];
    const body: ErasedBody = { erased: scene.time, digest: digestOfBody(entry.body as NotificationBody) };
    return [{ seq, body }];
  });
}

/**
 * Whether what is stored came from this request although its body is another one by now: it was erased, or it was made
 * from a template that says something else since.
 */
export function isRepetition(stored: Entry, { type, body }: AppendRequest): boolean {
  const kept = stored.body as NotificationBody | ErasedBody;
  if (stored.type !== type) return false;
  if (isErased(kept)) return kept.digest === digestOfBody(body as NotificationBody);
  return kept.source !== undefined && digestOfBody(kept) === digestOfBody(body as NotificationBody);
}

/** Of what the publisher asked for: of a template its name and data, and not what it said. */
function digestOfBody(body: NotificationBody): string {
  if (body.source === undefined) return digestOf(body);
  const { content: _content, locales: _locales, ...asked } = body;
  return digestOf(asked);
}

/** SHA-256 of a JSON value, base64url; the order of keys does not count. */
export function digestOf(value: unknown): string {
  return createHash('sha256')
    .update(JSON.stringify(sorted(JSON.parse(JSON.stringify(value)))))
    .digest('base64url');
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, inner]) => [key, sorted(inner)]);
}
