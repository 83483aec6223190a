import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LocaleLearner } from './locale-learner.js';

const speaker = (userId: string) => ({
  userId,
  closed: false,
  locale: undefined as string | null | undefined,
});

describe('the languages of connections', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it('are asked for a moment after they came, all in one turn, and not of who has gone', async () => {
    const asked: string[][] = [];
    let turn: string[] = [];
    const learner = new LocaleLearner(async (user) => {
      if (turn.push(user) === 1) queueMicrotask(() => asked.push((turn = [])));
      return user === 'bob' ? 'de' : undefined;
    });
    const [bob, carol, dan] = ['bob', 'carol', 'dan'].map(speaker) as [Speaker, Speaker, Speaker];
    for (const each of [bob, carol, dan]) learner.learn(each);
    dan.closed = true;
    await vi.advanceTimersByTimeAsync(40);
    expect(bob.locale).toBeUndefined();
    await vi.advanceTimersByTimeAsync(20);
    expect([bob.locale, carol.locale, dan.locale]).toEqual(['de', null, undefined]);
    expect(asked).toHaveLength(1);
  });

  it('are what their user has set meanwhile', async () => {
    let answer: (locale: string) => void = () => undefined;
    const learner = new LocaleLearner(() => new Promise((resolve) => (answer = resolve)));
    const bob = speaker('bob');
    learner.learn(bob);
    await vi.advanceTimersByTimeAsync(60);
    bob.locale = 'de';
    answer('fr');
    await vi.advanceTimersByTimeAsync(60);
    expect(bob.locale).toBe('de');
  });
});

type Speaker = ReturnType<typeof speaker>;
