import { describe, expect, it } from 'vitest';
import { Harness } from './testing/harness.js';

const BEN = { to: 'ben' };
const told = ({ server }: Harness): boolean[] =>
  server.dataOf('chat.typing').map(({ active }) => active ?? true);

describe('typing', () => {
  it('is told once for many keys, again after a while, and ended when no key comes', async () => {
    const harness = await Harness.connected();
    for (let key = 0; key < 7; key++) {
      expect(harness.client.typing(BEN)).toBe(true);
      await harness.clock.advance(500);
    }
    expect(told(harness)).toEqual([true, true]);
    await harness.clock.advance(3499);
    expect(told(harness)).toEqual([true, true]);
    await harness.clock.advance(1);
    expect(told(harness)).toEqual([true, true, false]);
  });

  it('is ended by a message without a word', async () => {
    const harness = await Harness.connected();
    harness.client.typing(BEN);
    await harness.client.send(BEN, { kind: 'text', content: 'Hello' });
    await harness.clock.advance(10_000);
    expect(told(harness)).toEqual([true]);
    harness.client.typing(BEN);
    harness.client.typing(BEN, false);
    await harness.clock.advance(10_000);
    expect(told(harness)).toEqual([true, true, false]);
  });

  it('is dropped without a connection, and told anew on the next', async () => {
    const harness = await Harness.connected();
    harness.client.typing(BEN);
    harness.server.dropAll();
    await harness.clock.advance(0);
    expect(harness.client.typing(BEN)).toBe(false);
    await harness.clock.advance(3000);
    expect(harness.client.typing(BEN)).toBe(true);
    await harness.clock.advance(0);
    expect(told(harness)).toEqual([true, true]);
  });
});
