import type { Relation, RelationChange, Stay } from './journal.types.js';

/** Earlier stays that are remembered of one relation; of more, the oldest are forgotten. */
export const STAYS_LIMIT = 16;

/** As they are stored: JSON, `[[joined, left], …]`, ascending, none touches the next. */
export function parsedStays(json: string): Stay[] {
  return (JSON.parse(json) as [number, number][]).map(([joined, left]) => ({ joined, left }));
}

const stored = (stays: readonly Stay[]): string | null =>
  stays.length === 0 ? null : JSON.stringify(stays.map(({ joined, left }) => [joined, left]));

/** Whether an entry is for somebody: it lies in his present stay, his last one, or in one before it. */
export function isFor(
  seq: number,
  { joined, left, earlier }: Pick<Relation, 'joined' | 'left' | 'earlier'>,
): boolean {
  if (seq > joined) return left === null || seq <= left;
  return earlier?.some((stay) => seq > stay.joined && seq <= stay.left) ?? false;
}

/** The parts of a stretch, above `after` up to `upTo`, that are for somebody; ascending. */
export function stretches(
  { joined, earlier }: Pick<Relation, 'joined' | 'earlier'>,
  { after, upTo }: { after: number; upTo: number },
): { after: number; upTo: number }[] {
  if (!earlier) return upTo > Math.max(after, joined) ? [{ after: Math.max(after, joined), upTo }] : [];
  return [...earlier, { joined, left: upTo }]
    .map((stay) => ({ after: Math.max(after, stay.joined), upTo: Math.min(upTo, stay.left) }))
    .filter((part) => part.upTo > part.after);
}

interface StoredStays {
  joined: number;
  left: number | null;
  read: number;
  stays: string | null;
}

/**
 * How a change moves the present stay. Who comes back keeps the stays before; one that the new one reaches becomes part
 * of it. `owed`: he had not read all of them, so what is unread begins there.
 */
export function changedStays(
  { joined, left, read, stays }: StoredStays,
  change: RelationChange,
): { joined: number; stays: string | null; owed: boolean } {
  const begin = change.joined;
  const comesBack = change.left === null && left !== null && left > joined;
  if (!comesBack || begin === undefined) return { joined: begin ?? joined, stays, owed: false };
  const before = [...(stays ? parsedStays(stays) : []), { joined, left }];
  const apart = before.filter((stay) => stay.left < begin);
  const reached = before[apart.length]?.joined ?? begin;
  return { joined: Math.min(begin, reached), stays: stored(apart.slice(-STAYS_LIMIT)), owed: read < left };
}

/** In SQL; `m` is the alias of `members`, and `seq` a column. */
export function isForMember(seq: string): string {
  const earlier = Array.from({ length: STAYS_LIMIT }, (_, index) => {
    const bound = (offset: number) => `JSON_EXTRACT(m.earlier_stays, '$[${index}][${offset}]')`;
    return `(${seq} > ${bound(0)} AND ${seq} <= ${bound(1)})`;
  });
  // The first line says nothing new, but it is what an index can be walked by.
  return `${seq} > CASE WHEN m.earlier_stays IS NULL THEN m.joined_seq ELSE 0 END
    AND (m.left_seq IS NULL OR ${seq} <= m.left_seq)
    AND (${seq} > m.joined_seq OR (m.earlier_stays IS NOT NULL AND (${earlier.join(' OR ')})))`;
}
