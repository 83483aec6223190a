import { describe, expect, it } from 'vitest';
import { FixedWindow } from './fixed-window.js';

describe('FixedWindow', () => {
  let now = 0;
  const windowOf = (limit: number) => new FixedWindow(limit, 1000, () => now);

  it('allows the limit, refuses beyond it and says how long', () => {
    now = 0;
    const window = windowOf(2);
    expect([window.take('a'), window.take('a')]).toEqual([0, 0]);
    now = 400;
    expect(window.take('a')).toBe(600);
    expect(window.take('b')).toBe(0);
  });

  it('begins anew when the window has ended, however much was refused in it', () => {
    now = 0;
    const window = windowOf(1);
    for (let i = 0; i < 5; i++) window.take('a');
    now = 999;
    expect(window.take('a')).toBe(1);
    now = 1000;
    expect(window.take('a')).toBe(0);
    expect(window.take('a')).toBe(1000);
  });

  it('tells how long to wait without counting', () => {
    now = 0;
    const window = windowOf(1);
    expect([window.waitOf('a'), window.waitOf('a')]).toEqual([0, 0]);
    window.take('a');
    now = 400;
    expect(window.waitOf('a')).toBe(600);
    now = 1000;
    expect(window.waitOf('a')).toBe(0);
  });

  it('forgets keys that are quiet', () => {
    now = 0;
    const window = windowOf(1);
    for (let i = 0; i < 1000; i++) window.take(`key ${i}`);
    now = 500;
    window.take('late');
    now = 1000;
    window.take('next');
    expect(window.size).toBe(2);
    expect(window.take('late')).toBe(500);
  });

  it('forgets the oldest key when there are too many', () => {
    now = 0;
    const window = new FixedWindow(1, 1000, () => now, 2);
    for (const key of ['a', 'b', 'c']) window.take(key);
    expect(window.size).toBe(2);
    expect([window.take('b'), window.take('c')]).toEqual([1000, 1000]);
    expect(window.take('a')).toBe(0);
  });

  it('counts a key again in its place: an old key that returns is not forgotten early', () => {
    now = 0;
    const window = windowOf(1);
    window.take('a');
    window.take('b');
    now = 1500;
    window.take('a');
    now = 2400;
    window.take('b');
    expect(window.take('a')).toBe(100);
  });
});
