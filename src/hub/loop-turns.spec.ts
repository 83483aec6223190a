import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Deferred } from '../common/index.js';
import { LoopTurns } from './loop-turns.js';

describe(LoopTurns.name, () => {
  /** Milliseconds, which go on only where a test says so. */
  let time: number;
  let turns: LoopTurns;
  let done: string[];

  beforeEach(() => {
    time = 1000;
    turns = new LoopTurns(() => time);
    done = [];
  });

  afterEach(async () => {
    while (turns.queued > 0) await nextTurn();
  });

  /** Slices of one millisecond each. */
  const ask = (count: number): Promise<unknown> =>
    Promise.all(
      Array.from({ length: count }, (_, index) =>
        turns.background(() => {
          time += 1;
          done.push(`slice ${index}`);
        }),
      ),
    );

  /** What is done in each of the next turns, in which everything else takes so many milliseconds. */
  async function slicesOf(count: number, elsewhere: number): Promise<number[]> {
    const slices: number[] = [];
    for (let turn = 0; turn < count; turn++) {
      const before = done.length;
      time += elsewhere;
      await nextTurn();
      slices.push(done.length - before);
    }
    return slices;
  }

  it('do one slice in a turn when nothing else is to be done, in the order they came', async () => {
    const all = ask(4);
    expect(await slicesOf(5, 0)).toEqual([1, 1, 1, 1, 0]);
    await all;
    expect(done).toEqual(['slice 0', 'slice 1', 'slice 2', 'slice 3']);
  });

  it('do slices for half of the time that everything else took', async () => {
    void ask(20);
    expect(await slicesOf(3, 6)).toEqual([3, 3, 3]);
    expect(await slicesOf(3, 1)).toEqual([1, 1, 1]);
  });

  it('do slices for twenty milliseconds at most, however long everything else took', async () => {
    void ask(50);
    expect(await slicesOf(2, 500)).toEqual([20, 20]);
  });

  it('count from when slices began to wait', async () => {
    time += 500;
    void ask(3);
    expect(await slicesOf(1, 0)).toEqual([1]);
  });

  it('do what is live first, whichever was asked for first', async () => {
    void ask(2);
    turns.atEnd(() => done.push('live'));
    await nextTurn();
    expect(done).toEqual(['live', 'slice 0']);
    turns.atEnd(() => done.push('live again'));
    await nextTurn();
    expect(done).toEqual(['live', 'slice 0', 'live again', 'slice 1']);
  });

  it('do what is live once', async () => {
    turns.atEnd(() => done.push('live'));
    await slicesOf(3, 0);
    expect(done).toEqual(['live']);
  });

  it('let no more than four slices wait for the database, and the next one begin when one has ended', async () => {
    const answers = Array.from({ length: 6 }, () => new Deferred<null>());
    const all = answers.map((answer, index) =>
      turns.background(() => {
        done.push(`begun ${index}`);
        return answer.toPromise();
      }),
    );
    await slicesOf(10, 50);
    expect(done).toHaveLength(4);
    expect(turns.queued).toBe(2);
    answers[2]?.resolve(null);
    await all[2];
    await slicesOf(10, 50);
    expect(done.at(-1)).toBe('begun 4');
    expect(done).toHaveLength(5);
    for (const answer of answers) answer.resolve(null);
    await Promise.all(all);
    expect(done).toHaveLength(6);
  });

  it('tell of a slice that failed, and go on', async () => {
    const failing = turns.background(() => {
      throw new Error('no');
    });
    const all = ask(2);
    await expect(failing).rejects.toThrow('no');
    await all;
    expect(done).toHaveLength(2);
  });
});
