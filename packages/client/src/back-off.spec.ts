import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { backOff } from './back-off.js';
import { ManualClock } from './testing/manual-clock.js';

const OPTIONS = { minReconnectionDelay: 500, maxReconnectionDelay: 15_000, reconnectionDelayGrowFactor: 2 };
const clockWith = (chance: number): ManualClock => Object.assign(new ManualClock(), { chance });

describe('backOff', () => {
  it('grows to the cap, and chance decides below it', () => {
    const waits = [0, 1, 2, 3, 4, 5, 6, 50].map((attempt) => backOff(attempt, OPTIONS, clockWith(0.5)));
    expect(waits).toEqual([250, 500, 1000, 2000, 4000, 7500, 7500, 7500]);
  });

  it('caps first and then jitters: never more than the cap, and down to nothing', () => {
    const chances = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(fc.nat(2000), chances, (attempt, chance) => {
        const wait = backOff(attempt, OPTIONS, clockWith(chance));
        const bound = Math.min(15_000, 500 * 2 ** attempt);
        expect(wait).toBe(chance * bound);
      }),
    );
  });

  it('waits at least as long as the server asked for', () => {
    expect(backOff(0, OPTIONS, clockWith(0.5), 4000)).toBe(4000);
    expect(backOff(9, OPTIONS, clockWith(0.5), 4000)).toBe(7500);
  });
});
