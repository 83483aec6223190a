import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Call } from './call.js';

const newCall = (silent = false): Call =>
  new Call({
    id: 'c',
    caller: { user: 'amy', connection: 'a1' },
    callee: 'ben',
    media: 'audio',
    offer: 'o',
    silent,
  });

describe('Call', () => {
  it('is answered by the first, and by nobody else', () => {
    const call = newCall();
    call.early.push('x');
    expect([call.answer('b1', 1000), call.answer('b2', 1001), call.answer('b1', 1002)]).toEqual([
      true,
      false,
      false,
    ]);
    expect(call).toMatchObject({
      state: 'active',
      callee: { connection: 'b1' },
      offer: undefined,
      early: [],
    });
    expect(call.end('hangup', 6000)).toEqual({ reason: 'hangup', outcome: 'answered', duration: 5000 });
  });

  it.each([
    ['timeout', 'missed'],
    ['busy', 'missed'],
    ['rejected', 'rejected'],
    ['cancelled', 'cancelled'],
    ['lost', 'cancelled'],
  ] as const)('that ends by %s before an answer was %s, once', (reason, outcome) => {
    const call = newCall();
    expect(call.end(reason, 5)).toEqual({ reason, outcome, duration: 0 });
    expect([call.end(reason, 6), call.answer('b1', 7), call.state]).toEqual([undefined, false, 'ended']);
  });

  it('that is silent does not exist for the callee', () => {
    expect([newCall(true).seatOf('ben'), newCall(true).seatOf('amy')?.user]).toEqual([undefined, 'amy']);
  });

  it('gives a lost seat to another connection of its user, and a taken one to nobody', () => {
    const call = newCall();
    expect([call.resume('ben', 'b1'), call.resume('amy', 'a2'), call.lose('zz')]).toEqual([
      false,
      false,
      false,
    ]);
    call.answer('b1', 1);
    expect([call.lose('b1'), call.isBroken, call.resume('eve', 'e')]).toEqual([true, true, false]);
    expect([call.resume('ben', 'b2'), call.isBroken, call.callee.connection]).toEqual([true, false, 'b2']);
  });

  it('announces the ringing once, and not after the answer', () => {
    const call = newCall();
    expect([call.announceRinging(), call.announceRinging()]).toEqual([true, false]);
    const late = newCall();
    late.answer('b1', 1);
    expect(late.announceRinging()).toBe(false);
  });

  it('has one winner and one end in whatever order things happen', () => {
    const happening = fc.constantFrom('answer b1', 'answer b2', 'answer b3', 'hangup', 'rejected', 'timeout');
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 10 }), (happenings) => {
        const call = newCall();
        const winners: string[] = [];
        let ends = 0;
        for (const each of happenings) {
          const [what, who] = each.split(' ');
          if (what === 'answer' && call.answer(who!, 1)) winners.push(who!);
          else if (what !== 'answer' && call.end(what as 'hangup', 2)) ends++;
        }
        expect(winners.length).toBeLessThanOrEqual(1);
        expect(ends).toBeLessThanOrEqual(1);
        expect(call.callee.connection).toBe(winners[0]);
      }),
    );
  });
});
