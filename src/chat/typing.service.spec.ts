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
  let isBlocked: () => Promise<boolean>;

  beforeEach(() => {
    vi.useFakeTimers();
    start = Date.now();
    told = [];
    isBlocked = async () => false;
    const hub = {
      sendToConversation: (_: string, __: string, { from, active }: { from: string; active: boolean }) =>
        told.push([Date.now() - start, from, active]),
    } as unknown as HubService;
    const contacts = { hasBlocked: () => isBlocked() } as unknown as ContactDirectory;
    service = new TypingService(hub, contacts, new Metrics());
  });
  afterEach(() => {
    service.onModuleDestroy();
    vi.useRealTimers();
  });

  const types = async (from: string, active = true): Promise<void> =>
    service.tell(from, { to: 'zoe' }, active);

  it('tells once in 3 seconds, however often it is told', async () => {
    for (let tick = 0; tick < 80; tick++) {
      await types('amy');
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(told).toEqual([
      [0, 'amy', true],
      [3000, 'amy', true],
      [6000, 'amy', true],
    ]);
  });

  it('ends by itself 5 seconds after the last word, for each on his own', async () => {
    await types('amy');
    await vi.advanceTimersByTimeAsync(1000);
    await types('ben');
    await vi.advanceTimersByTimeAsync(1000);
    await types('amy');
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
    await types('amy');
    await vi.advanceTimersByTimeAsync(100);
    await types('amy', false);
    await types('amy', false);
    await types('ben', false);
    await vi.advanceTimersByTimeAsync(20_000);
    expect(told).toEqual([
      [0, 'amy', true],
      [100, 'amy', false],
    ]);
  });

  it('is not made to tell more by stopping and starting', async () => {
    for (let tick = 0; tick < 31; tick++) {
      await types('amy');
      await types('amy', false);
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
    for (let index = 0; index <= 20_000; index++) await types(`u${index}`);
    await vi.advanceTimersByTimeAsync(0);
    expect(told).toHaveLength(20_002);
    expect(told.filter(([, , active]) => !active)).toEqual([[0, 'u0', false]]);
  });

  it('asks about blocks when there is something to tell', async () => {
    let asked = 0;
    isBlocked = async () => ++asked < 0;
    for (let tick = 0; tick < 40; tick++) {
      await types('amy');
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(asked).toBe(2);
  });

  it('tells who has blocked him nothing, and at once who does so no longer', async () => {
    let blocked = true;
    isBlocked = async () => blocked;
    await types('amy');
    await types('amy', false);
    blocked = false;
    await types('amy');
    expect(told).toEqual([[0, 'amy', true]]);
  });

  it('does not tell of a beginning that has ended while it was asked about blocks', async () => {
    let answer: (blocked: boolean) => void = () => {};
    isBlocked = () => new Promise((resolve) => (answer = resolve));
    const begun = types('amy');
    await types('amy', false);
    answer(false);
    await begun;
    expect(told).toEqual([]);
  });
});
