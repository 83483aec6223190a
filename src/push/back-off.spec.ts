import { describe, expect, it } from 'vitest';
import { backOff } from './back-off.js';

const HOUR = 3_600_000;
const [least, most] = [() => 0, () => 1 - Number.EPSILON];

describe('the pause before another attempt', () => {
  it.each([
    [1, 1000],
    [2, 2000],
    [3, 4000],
    [12, 2_048_000],
    [13, HOUR],
    [100, HOUR],
    [10_000, HOUR],
  ])('is up to twice as long after each, and an hour at most: %i', (attempts, longest) => {
    expect(backOff(attempts, 1000, 0, least)).toBe(longest / 2);
    expect(backOff(attempts, 1000, 0, most)).toBeCloseTo(longest, 3);
  });

  it('is not the same for those who failed together', () => {
    const pauses = new Set(Array.from({ length: 100 }, () => backOff(3, 1000)));
    expect(pauses.size).toBeGreaterThan(90);
    for (const pause of pauses) expect(pause).toBeGreaterThanOrEqual(2000);
    for (const pause of pauses) expect(pause).toBeLessThan(4000);
  });

  it('is not shorter than the receiver asked for', () => {
    expect(backOff(1, 1000, 30_000, most)).toBe(30_000);
    expect(backOff(6, 1000, 10_000, least)).toBe(16_000);
  });
});
