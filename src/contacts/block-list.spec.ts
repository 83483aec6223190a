import { describe, expect, it } from 'vitest';
import { BlockList } from './block-list.js';

/** A store that answers when the test says so. */
function heldStore() {
  const asked: { user: string; answer(blocked: string[]): void; fail(): void }[] = [];
  const list = new BlockList(
    (user) =>
      new Promise((resolve, reject) =>
        asked.push({ user, answer: resolve, fail: () => reject(new Error('away')) }),
      ),
  );
  return { asked, list };
}

describe('BlockList', () => {
  it('asks the store once for many who ask, and not again', async () => {
    const { asked, list } = heldStore();
    const answers = Promise.all([list.of('amy'), list.of('amy'), list.of('amy')]);
    expect(asked).toHaveLength(1);
    asked[0]!.answer(['ben']);
    expect((await answers).map((blocked) => [...blocked])).toEqual([['ben'], ['ben'], ['ben']]);
    expect([...(await list.of('amy'))]).toEqual(['ben']);
    expect([asked.length, list.size]).toEqual([1, 2]);
  });

  it('asks again after a change, and does not keep an answer that the change overtook', async () => {
    const { asked, list } = heldStore();
    const early = list.of('amy');
    list.forget('amy');
    const late = list.of('amy');
    asked[1]!.answer(['ben']);
    expect([...(await late)]).toEqual(['ben']);
    asked[0]!.answer([]);
    expect([...(await early)]).toEqual([]);
    expect([...(await list.of('amy'))]).toEqual(['ben']);
    expect(asked).toHaveLength(2);
  });

  it('forgets a failure', async () => {
    const { asked, list } = heldStore();
    const failed = list.of('amy');
    asked[0]!.fail();
    await expect(failed).rejects.toThrow('away');
    const again = list.of('amy');
    asked[1]!.answer([]);
    expect([...(await again)]).toEqual([]);
  });
});
