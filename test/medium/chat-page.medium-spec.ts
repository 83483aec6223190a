import { describe, expect, it } from 'vitest';
import { shouldReconnect } from '@rookery/protocol';

interface Reconnect {
  shouldReconnect(code: number): boolean;
  backOff(attempt: number, atLeast?: number, random?: () => number): number;
}

const page = (await import(new URL('../../console/chat/reconnect.js', import.meta.url).href)) as Reconnect;

describe('reconnecting of the chat page', () => {
  it('follows the rule of the protocol for every close code', () => {
    const codes = Array.from({ length: 4000 }, (_, index) => 1000 + index);
    expect(codes.filter((code) => page.shouldReconnect(code) !== shouldReconnect(code))).toEqual([]);
  });

  it('waits up to twice as long each time, to a cap, and never less than it was asked to', () => {
    const longest = [0, 1, 2, 3, 10].map((attempt) => page.backOff(attempt, 0, () => 1));
    expect(longest).toEqual([500, 1000, 2000, 4000, 15_000]);
    expect(page.backOff(5, 0, () => 0)).toBe(0);
    expect(page.backOff(5, 3000, () => 0)).toBe(3000);
  });
});
