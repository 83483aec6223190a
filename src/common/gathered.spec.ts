import { describe, expect, it } from 'vitest';
import { Gathered } from './gathered.js';

describe('what is gathered', () => {
  const asked: (readonly number[])[] = [];
  const doubled = new Gathered<number, number>((keys) => {
    asked.push(keys);
    if (keys.includes(-1)) return Promise.reject(new Error('away'));
    return Promise.resolve(new Map(keys.filter((key) => key > 0).map((key) => [key, key * 2])));
  });

  it('is looked up together, each key once, and everybody gets his own answer', async () => {
    asked.length = 0;
    const first = Promise.all([1, 2, 2, 0].map((key) => doubled.of(key)));
    expect(await first).toEqual([2, 4, 4, undefined]);
    expect(await doubled.of(2)).toBe(4);
    expect(asked).toEqual([[1, 2, 0], [2]]);
  });

  it('is split where it is too much for one look-up', async () => {
    asked.length = 0;
    const keys = Array.from({ length: 450 }, (_, n) => n + 1);
    expect(await Promise.all(keys.map((key) => doubled.of(key)))).toEqual(keys.map((key) => key * 2));
    expect(asked.map(({ length }) => length)).toEqual([200, 200, 50]);
  });

  it('fails for those who asked together, and for nobody later', async () => {
    const failed = await Promise.allSettled([doubled.of(-1), doubled.of(3)]);
    expect(failed.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await doubled.of(3)).toBe(6);
  });
});
