import { describe, expect, it, vi } from 'vitest';
import { GroupInterest } from './group-interest.js';

function setUp() {
  const answers: ((groups: string[] | Error) => void)[] = [];
  const ask = vi.fn(
    () =>
      new Promise<{ groups: string[] }>((resolve, reject) =>
        answers.push((answer) => (answer instanceof Error ? reject(answer) : resolve({ groups: answer }))),
      ),
  );
  const interest = new GroupInterest();
  return {
    interest,
    ask,
    load: (user: string) => interest.load(user, ask),
    answer: (groups: string[] | Error) => answers.shift()?.(groups),
  };
}

describe('GroupInterest', () => {
  it('knows who is here of a group, asking once however many devices come', async () => {
    const { interest, load, ask, answer } = setUp();
    const loading = [load('bob'), load('bob')];
    answer(['team', 'club']);
    await Promise.all([...loading, load('bob')].slice(0, 2));
    await load('bob');
    expect(ask).toHaveBeenCalledTimes(1);
    expect([[...interest.usersOf('team')], [...interest.usersOf('other')]]).toEqual([['bob'], []]);
  });

  it('prefers what was committed while the journal answered to its answer', async () => {
    const { interest, load, answer } = setUp();
    const loading = load('bob');
    interest.change('bob', 'team', false);
    interest.change('bob', 'club', true);
    answer(['team']);
    await loading;
    expect([interest.isMember('bob', 'team'), interest.isMember('bob', 'club')]).toEqual([false, true]);
  });

  it('follows changes, and forgets who has gone', async () => {
    const { interest, load, answer } = setUp();
    interest.change('bob', 'team', true);
    expect(interest.size).toBe(0);
    const loading = load('bob');
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
    const { interest, load, answer } = setUp();
    const gone = load('bob');
    interest.forget('bob');
    answer(['team']);
    await gone;
    expect(interest.size).toBe(0);
    const failed = load('bob');
    answer(new Error('away'));
    await expect(failed).rejects.toThrow('away');
    const again = load('bob');
    answer(['team']);
    await again;
    expect(interest.isMember('bob', 'team')).toBe(true);
  });

  it('gives what was found to who asked, unless something moved meanwhile in a group of the user', async () => {
    const { interest, load, answer } = setUp();
    const found = async (user: string, groups: string[], meanwhile: () => void) => {
      const loading = load(user);
      meanwhile();
      answer(groups);
      return loading;
    };
    expect(await found('bob', ['team'], () => undefined)).toEqual({ groups: ['team'] });
    expect(await load('bob')).toBeUndefined();
    expect(await found('carol', ['team'], () => interest.moved())).toBeUndefined();
    expect(await found('dan', [], () => interest.moved())).toEqual({ groups: [] });
    expect(await found('eve', [], () => interest.change('eve', 'team', true))).toBeUndefined();
    expect([...interest.usersOf('team')]).toEqual(['bob', 'carol', 'eve']);
  });
});
