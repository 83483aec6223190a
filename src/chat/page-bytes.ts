import type { Entry } from '../journal/index.js';

/** As many entries from one end as fit into `bytes` of JSON, at least one: an answer must not dwarf its send buffer. */
export function withinBytes(entries: Entry[], bytes: number, from: 'oldest' | 'newest'): Entry[] {
  const inOrder = from === 'oldest' ? entries : entries.toReversed();
  let sum = 0;
  const over = inOrder.findIndex((entry) => (sum += Buffer.byteLength(JSON.stringify(entry))) > bytes);
  if (over < 0) return entries;
  const count = Math.max(1, over);
  return from === 'oldest' ? entries.slice(0, count) : entries.slice(-count);
}
