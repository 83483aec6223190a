import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { ContactDirectory } from '../contacts/index.js';
import type { HubService } from '../hub/index.js';
import { Metrics } from '../metrics/index.js';
import { TypingService } from './typing.service.js';

/** Milliseconds since the start, who was said to type, and whether. */
type Told = [at: number, from: string, active: boolean];

describe(TypingService.name, () => {
  let told: Told[];
  let service: TypingService;
  let start: number;

  beforeEach(() => {
    vi.useFakeTimers();
    start = Date.now();
    told = [];
    const hub = {
      sendToConversation: (_: string, __: string, { from, active }: { from: string; active: boolean }) =>
        told.push([Date.now() - start, from, active]),
    } as unknown as HubService;
    const contacts = { hasBlocked: async () => false } as unknown as ContactDirectory;
    service = new TypingService(hub, contacts, new Metrics());
  });
  afterEach(() => {
    service.onModuleDestroy();
    vi.useRealTimers();
  });

  const types = (from: string, active = true): void => void service.tell(from, { to: 'zoe' }, active);

  it('tells once in 3 seconds, however often it is told', async () => {
    for (let tick = 0; tick < 80; tick++) {
      types('amy');
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(told).toEqual([
      [0, 'amy', true],
      [3000, 'amy', true],
      [6000, 'amy', true],
    ]);
  });

  it('ends by itself 5 seconds after the last word, for each on his own', async () => {
    types('amy');
    await vi.advanceTimersByTimeAsync(1000);
    types('ben');
    await vi.advanceTimersByTimeAsync(1000);
    types('amy');
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told).toEqual([
      [0, 'amy', true],
      [1000, 'ben', true],
      [6000, 'ben', false],
      [7000, 'amy', false],
    ]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('tells of an end at once, and once', async () => {
    types('amy');
    await vi.advanceTimersByTimeAsync(100);
    types('amy', false);
    types('amy', false);
    types('ben', false);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told).toEqual([
      [0, 'amy', true],
      [100, 'amy', false],
    ]);
  });

  it('is not made to tell more by stopping and starting', async () => {
    for (let tick = 0; tick < 31; tick++) {
      types('amy');
      types('amy', false);
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(told).toEqual([
      [0, 'amy', true],
      [0, 'amy', false],
      [3000, 'amy', true],
      [3000, 'amy', false],
    ]);
  });

  it('remembers a bounded number, and says of whom it forgets that he stopped', async () => {
    for (let index = 0; index <= 20_000; index++) types(`u${index}`);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toHaveLength(20_002);
    expect(told.filter(([, , active]) => !active)).toEqual([[0, 'u0', false]]);
  });
});
