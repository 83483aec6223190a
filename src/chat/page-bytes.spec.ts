import { describe, expect, it } from 'vitest';
import type { Entry } from '../journal/index.js';
import { withinBytes } from './page-bytes.js';

const entries = [1, 2, 3, 4].map((seq) => ({ seq, body: 'ü'.repeat(100) }) as Entry);
const SIZE = Buffer.byteLength(JSON.stringify(entries[0]));
const kept = (...args: [number, 'oldest' | 'newest']): number[] =>
  withinBytes(entries, ...args).map(({ seq }) => seq);

describe(withinBytes.name, () => {
  it('keeps all that fits', () => expect(kept(4 * SIZE, 'newest')).toEqual([1, 2, 3, 4]));
  it('keeps the oldest', () => expect(kept(2 * SIZE, 'oldest')).toEqual([1, 2]));
  it('keeps the newest, in ascending order', () => expect(kept(3 * SIZE - 1, 'newest')).toEqual([3, 4]));
  it('keeps one, however big', () => {
    expect(kept(1, 'oldest')).toEqual([1]);
    expect(kept(1, 'newest')).toEqual([4]);
  });
  it('keeps nothing of nothing', () => expect(withinBytes([], 1, 'newest')).toEqual([]));
});
