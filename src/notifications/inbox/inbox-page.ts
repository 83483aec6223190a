import { BROADCAST_CONVERSATION } from '../../journal/index.js';
import type { InboxSource } from './inbox-view.js';
import type { InboxRow } from './inbox.repository.js';

/** Rows that are read of a source at a time. */
export const CHUNK = 200;

/** What a source had next, the newest first; a whole {@link CHUNK} may not be all of it. */
export interface Chunk {
  source: InboxSource;
  rows: InboxRow[];
}

export const isWhole = ({ rows }: Chunk): boolean => rows.length === CHUNK;

/** Which place of a cursor is that of a source. */
export const placeIn = ({ conversation }: InboxSource): 'inbox' | 'channel' =>
  conversation === BROADCAST_CONVERSATION ? 'channel' : 'inbox';

/**
 * The rows of all sources, the newest first. When a source was cut, what is older than its last row may have to wait for
 * the rest of it: only what comes before that is given.
 */
export function mergedByTime(chunks: readonly Chunk[]): { source: InboxSource; row: InboxRow }[] {
  const floors = chunks.filter(isWhole).map(({ rows }) => rows.at(-1)?.time ?? 0);
  const floor = Math.max(Number.MIN_SAFE_INTEGER, ...floors);
  return chunks
    .flatMap(({ source, rows }) => rows.map((row) => ({ source, row })))
    .filter(({ row }) => row.time >= floor)
    .sort((a, b) => b.row.time - a.row.time || (a.source === b.source ? b.row.seq - a.row.seq : 0));
}
