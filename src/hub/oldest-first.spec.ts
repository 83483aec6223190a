import { describe, expect, it } from 'vitest';
import type { Entry } from '../journal/index.js';
import { OldestFirst } from './oldest-first.js';

const entryOf = (conversation: string, seq: number, time: number, body: unknown = seq): Entry => ({
  conversation,
  seq,
  type: 'message',
  sender: 'a',
  clientId: String(seq),
  body,
  time,
});

/** Brings everything, `page` entries a read; returns the order and the reads it took. */
function bring(journal: Record<string, Entry[]>, page: number): { order: string[]; reads: number } {
  const merged = new OldestFirst(
    Object.entries(journal).map(([name, { length }]) => [name, { after: 0, backlog: length }]),
  );
  const order: string[] = [];
  let reads = 0;
  while (merged.size > 0) {
    const { unread } = merged;
    if (unread) {
      reads++;
      const { after } = unread.progress;
      merged.took((journal[unread.conversation] ?? []).slice(after, after + page));
    }
    for (let { next } = merged; next; { next } = merged) {
      order.push(`${next.entry.conversation}${next.entry.seq}`);
      next.progress.after = next.entry.seq;
      merged.brought();
    }
  }
  return { order, reads };
}

describe(OldestFirst.name, () => {
  it('keeps the order of a conversation where its times go back', () => {
    const journal = { a: [entryOf('a', 1, 5), entryOf('a', 2, 1)], b: [entryOf('b', 1, 3)] };
    expect(bring(journal, 10).order).toEqual(['b1', 'a1', 'a2']);
  });

  it('reads a page once, however conversations take turns', () => {
    const of = (name: string, shift: number): Entry[] =>
      Array.from({ length: 100 }, (_, index) => entryOf(name, index + 1, 2 * index + shift));
    expect(bring({ a: of('a', 0), b: of('b', 1) }, 10).reads).toBe(20);
  });

  it('keeps little of what was read, and reads it again', () => {
    const large = 'x'.repeat(50_000);
    const of = (name: string, shift: number): Entry[] =>
      Array.from({ length: 4 }, (_, index) => entryOf(name, index + 1, 3 * index + shift, large));
    const { order, reads } = bring({ a: of('a', 0), b: of('b', 1), c: of('c', 2) }, 4);
    expect(order).toEqual([1, 2, 3, 4].flatMap((seq) => [`a${seq}`, `b${seq}`, `c${seq}`]));
    expect(reads).toBeGreaterThan(3);
  });

  it('is done with a conversation that has nothing to show up to the end of its backlog', () => {
    const merged = new OldestFirst([['a', { after: 0, backlog: 3 }]]);
    merged.took([]);
    expect(merged.size).toBe(0);
  });
});
