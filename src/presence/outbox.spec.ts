import { describe, expect, it } from 'vitest';
import type { Presence } from '@rookery/protocol';
import { Outbox, type Delivery } from './outbox.js';

interface Receiver {
  name: string;
  answer: Delivery;
}

function world(capacity = 1_000, frame = 3) {
  const frames: [string, string[]][] = [];
  const overflown: string[] = [];
  const outbox = new Outbox<Receiver>({
    interval: 1_000,
    frame,
    capacity,
    deliver: ({ name, answer }, users) => {
      if (answer === 'sent') frames.push([name, users.map(({ user, state }) => `${user} ${state}`)]);
      return answer;
    },
    onOverflow: ({ name }) => overflown.push(name),
  });
  return { outbox, frames, overflown };
}
const is = (user: string, state: Presence['state']): Presence => ({ user, state });
const receiver = (name: string, answer: Delivery = 'sent'): Receiver => ({ name, answer });

describe(Outbox.name, () => {
  it('tells the first change with the next flush, and what follows together a second later', () => {
    const { outbox, frames } = world();
    const amy = receiver('amy');
    outbox.put(amy, is('b', 'online'));
    outbox.flush(0);
    outbox.put(amy, is('c', 'online'));
    outbox.put(amy, is('d', 'online'));
    outbox.put(amy, is('c', 'offline'));
    for (const now of [100, 500, 999]) outbox.flush(now);
    expect(frames).toEqual([['amy', ['b online']]]);
    outbox.flush(1_000);
    expect(frames.slice(1)).toEqual([['amy', ['c offline', 'd online']]]);
    expect(outbox.size).toBe(0);
    expect(outbox.idle).toBe(false);
    outbox.flush(2_000);
    expect(outbox.idle).toBe(true);
  });

  it('keeps what a receiver had no room for, the last of each user, and forgets who is gone', () => {
    const { outbox, frames } = world();
    const [slow, gone] = [receiver('slow', 'later'), receiver('gone', 'gone')];
    for (const each of [slow, gone]) outbox.put(each, is('b', 'online'));
    outbox.flush(0);
    expect([frames, outbox.size]).toEqual([[], 1]);
    outbox.put(slow, is('b', 'away'));
    slow.answer = 'sent';
    outbox.flush(1_000);
    expect([frames, outbox.size]).toEqual([[['slow', ['b away']]], 0]);
  });

  it('splits what is too much for one frame', () => {
    const { outbox, frames } = world();
    const amy = receiver('amy');
    for (let index = 0; index < 7; index++) outbox.put(amy, is(`u${index}`, 'online'));
    outbox.flush(0);
    expect(frames.map(([, users]) => users.length)).toEqual([3, 3, 1]);
    expect(outbox.size).toBe(0);
  });

  it('holds no more than its capacity: whom it cannot serve gets everything anew', () => {
    const { outbox, frames, overflown } = world(3);
    const [amy, ben] = [receiver('amy'), receiver('ben')];
    outbox.put(amy, is('x', 'online'));
    outbox.put(ben, is('x', 'online'));
    outbox.put(ben, is('y', 'online'));
    outbox.put(ben, is('y', 'away'));
    outbox.put(ben, is('z', 'online'));
    expect([overflown, outbox.size]).toEqual([['ben'], 1]);
    outbox.flush(0);
    expect(frames).toEqual([['amy', ['x online']]]);
    outbox.put(amy, is('x', 'offline'));
    outbox.forget(amy);
    expect(outbox.size).toBe(0);
  });
});
