import { describe, expect, it } from 'vitest';
import { Grace } from './grace.js';
import type { Devices } from './lease.js';

const web: Devices = { state: 'online', platforms: ['web'] };
const phone: Devices = { state: 'away', platforms: ['ios'] };

describe(Grace.name, () => {
  it('keeps the devices of who left until his time is up', () => {
    const grace = new Grace(5_000, 10);
    grace.begin('amy', web, 1_000);
    expect(grace.ended(5_999)).toEqual([]);
    expect(grace.devicesOf('amy')).toEqual(web);
    expect(grace.ended(6_000)).toEqual(['amy']);
    expect(grace.devicesOf('amy')).toBeUndefined();
    expect(grace.ended(99_000)).toEqual([]);
  });

  it('counts from the last device that left, and shows the best of them', () => {
    const grace = new Grace(5_000, 10);
    grace.begin('amy', web, 0);
    grace.begin('ben', web, 1_000);
    grace.begin('amy', phone, 3_000);
    expect(grace.devicesOf('amy')).toEqual({ state: 'online', platforms: ['ios', 'web'] });
    expect(grace.ended(6_000)).toEqual(['ben']);
    expect(grace.ended(8_000)).toEqual(['amy']);
  });

  it('lets the oldest go early when there are too many, and grows no further', () => {
    const grace = new Grace(5_000, 2);
    expect([grace.begin('a', web, 0), grace.begin('b', web, 1), grace.begin('a', web, 2)]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(grace.begin('c', web, 3)).toBe('b');
    expect(grace.size).toBe(2);
    expect(grace.devicesOf('b')).toBeUndefined();
  });
});
