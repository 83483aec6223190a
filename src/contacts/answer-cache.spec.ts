import { beforeEach, describe, expect, it } from 'vitest';
import { AnswerCache } from './answer-cache.js';

let now: number;
let asked: number;
let answer: () => Promise<string>;
let cache: AnswerCache<string>;
const get = (key = 'k') =>
  cache.get(key, () => {
    asked++;
    return answer();
  });
const failing = () => Promise.reject(new Error('away'));

beforeEach(() => {
  now = 0;
  asked = 0;
  answer = async () => `at ${now}`;
  cache = new AnswerCache<string>({ ttl: 100, stale: 5000, capacity: 3, sizeOf: () => 1, now: () => now });
});

describe('AnswerCache', () => {
  it('asks once for many at the same time, and again when the answer is old', async () => {
    expect(await Promise.all([get(), get(), get()])).toEqual(['at 0', 'at 0', 'at 0']);
    now = 99;
    expect([await get(), asked]).toEqual(['at 0', 1]);
    now = 100;
    expect([await get(), asked]).toEqual(['at 100', 2]);
  });

  it('gives the old answer for a while when there is no new one, and then the failure', async () => {
    await get();
    answer = failing;
    now = 5099;
    expect([await get(), asked]).toEqual(['at 0', 2]);
    now = 5100;
    await expect(get()).rejects.toThrow('away');
  });

  it('does not ask a service that has just failed for what it has an old answer to', async () => {
    await get();
    answer = failing;
    now = 200;
    await get();
    now = 1199;
    expect([await get(), asked]).toEqual(['at 0', 2]);
    await expect(get('other')).rejects.toThrow('away');
    answer = async () => 'new';
    now = 3000;
    expect([await get(), asked]).toEqual(['new', 4]);
  });

  it('does not remember a failure', async () => {
    answer = failing;
    await expect(get()).rejects.toThrow('away');
    answer = async () => 'new';
    expect(await get()).toBe('new');
  });

  it('forgets what was not asked for the longest', async () => {
    for (const key of ['a', 'b', 'c', 'a', 'd']) await get(key);
    expect([cache.size, asked]).toEqual([3, 4]);
    await get('b');
    expect(asked).toBe(5);
  });
});
