import { afterEach, describe, expect, it, vi } from 'vitest';
import { Emitter } from './emitter.js';

class Numbers extends Emitter<{ number: number }> {
  say(number: number): void {
    this.emit('number', number);
  }
}

afterEach(() => void vi.restoreAllMocks());

describe('Emitter', () => {
  it('calls whoever listens, until he does not any more', () => {
    const [numbers, seen] = [new Numbers(), [] as string[]];
    const off = numbers.on('number', (n) => seen.push(`on ${n}`));
    numbers.once('number', (n) => seen.push(`once ${n}`));
    numbers.say(1);
    numbers.say(2);
    off();
    numbers.say(3);
    expect(seen).toEqual(['on 1', 'once 1', 'on 2']);
  });

  it('lets what a listener throws surface as uncaught, after all others were called', () => {
    const later: VoidFunction[] = [];
    vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((action) => void later.push(action));
    const [numbers, seen] = [new Numbers(), [] as number[]];
    numbers.on('number', () => {
      throw new Error('in the application');
    });
    numbers.on('number', (n) => seen.push(n));
    numbers.say(1);
    expect(seen).toEqual([1]);
    expect(() => later.forEach((action) => action())).toThrow('in the application');
  });
});
