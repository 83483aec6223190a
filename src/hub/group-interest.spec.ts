import { describe, expect, it, vi } from 'vitest';
import { GroupInterest } from './group-interest.js';

function setUp() {
  const answers: ((groups: string[] | Error) => void)[] = [];
  const groupsOf = vi.fn(
    () =>
      new Promise<string[]>((resolve, reject) =>
        answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve(answer))),
      ),
  );
  return {
    interest: new GroupInterest(groupsOf),
    groupsOf,
    answer: (groups: string[] | Error) => answers.shift()?.(groups),
  };
}

describe('GroupInterest', () => {
  it('knows who is here of a group, asking once however many devices come', async () => {
    const { interest, groupsOf, answer } = setUp();
    const loading = [interest.load('bob'), interest.load('bob')];
    answer(['team', 'club']);
    await Promise.all([...loading, interest.load('bob')].slice(0, 2));
    await interest.load('bob');
    expect(groupsOf).toHaveBeenCalledTimes(1);
    expect([[...interest.usersOf('team')], [...interest.usersOf('other')]]).toEqual([['bob'], []]);
  });

  it('prefers what was committed while the journal answered to its answer', async () => {
    const { interest, answer } = setUp();
    const loading = interest.load('bob');
    interest.change('bob', 'team', false);
    interest.change('bob', 'club', true);
    answer(['team']);
    await loading;
    expect([interest.isMember('bob', 'team'), interest.isMember('bob', 'club')]).toEqual([false, true]);
  });

  it('follows changes, and forgets who has gone', async () => {
    const { interest, answer } = setUp();
    interest.change('bob', 'team', true);
    expect(interest.size).toBe(0);
    const loading = interest.load('bob');
    answer([]);
    await loading;
    interest.change('bob', 'team', true);
    expect([...interest.usersOf('team')]).toEqual(['bob']);
    interest.change('bob', 'team', false);
    interest.change('bob', 'club', true);
    interest.forget('bob');
    expect([interest.size, interest.isMember('bob', 'club')]).toEqual([0, false]);
  });

  it('does not take in who has gone before the journal answered, nor an answer that failed', async () => {
    const { interest, answer } = setUp();
    const gone = interest.load('bob');
    interest.forget('bob');
    answer(['team']);
    await gone;
    expect(interest.size).toBe(0);
    const failed = interest.load('bob');
    answer(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    const again = interest.load('bob');
    answer(['team']);
    await again;
    expect(interest.isMember('bob', 'team')).toBe(true);
  });
});
