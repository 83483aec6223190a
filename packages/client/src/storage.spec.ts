import { afterEach, describe, expect, it, vi } from 'vitest';
import { memoryStorage, webStorage, type Storage } from './storage.js';
import { FakeServer } from './testing/fake-server.js';
import { Harness } from './testing/harness.js';
import { ManualClock } from './testing/manual-clock.js';

const CHAT = 'dm:amy:ben';
const text = (content: string) => ({ kind: 'text' as const, content });

/** A page with this storage, and after it the same page loaded again. */
function pages(): { storage: Storage; open(token?: string): Promise<Harness> } {
  const [storage, server, clock] = [memoryStorage(), new FakeServer(), new ManualClock()];
  const open = async (token = 'amy'): Promise<Harness> => {
    const harness = new Harness({ storage, token }, server, clock);
    await harness.connect();
    return harness;
  };
  return { storage, open };
}

describe('with a storage', () => {
  afterEach(() => void vi.unstubAllGlobals());

  it('what was not acknowledged is sent by the next page, once', async () => {
    const { open } = pages();
    const first = await open();
    first.server.losesReply = ({ type }) => type === 'chat.send';
    for (const content of ['one', 'two']) void first.client.send({ to: 'ben' }, text(content));
    await first.clock.advance(0);
    first.client.disconnect();
    first.server.losesReply = () => false;
    const second = await open();
    expect(second.server.journal.of(CHAT).map(({ content }) => content)).toEqual(['one', 'two']);
    expect(second.client.pending).toEqual([]);
    expect(second.seqs(CHAT)).toEqual([1, 2]);
  });

  it('what is sent before the connect goes behind what was kept, and neither is lost', async () => {
    const { storage, open } = pages();
    const first = await open();
    first.server.losesReply = ({ type }) => type === 'chat.send';
    for (const content of ['one', 'two']) void first.client.send({ to: 'ben' }, text(content));
    await first.clock.advance(0);
    first.client.disconnect();
    first.server.losesReply = () => false;
    const neverConnected = new Harness({ storage }, first.server, first.clock);
    void neverConnected.client.send({ to: 'ben' }, text('three'));
    await first.clock.advance(0);
    const third = new Harness({ storage }, first.server, first.clock);
    void third.client.send({ to: 'ben' }, text('four'));
    await third.connect();
    const contents = ['one', 'two', 'three', 'four'];
    expect(third.server.journal.of(CHAT).map(({ content }) => content)).toEqual(contents);
    expect(third.client.pending).toEqual([]);
    expect(third.seqs(CHAT)).toEqual([1, 2, 3, 4]);
  });

  it.each(['pagehide', 'visibilitychange'])('%s keeps at once what has been seen', async (event) => {
    const window = new EventTarget();
    vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
    vi.stubGlobal('removeEventListener', window.removeEventListener.bind(window));
    const { storage, open } = pages();
    const first = await open();
    first.server.say('ben', 'amy', 'one');
    await first.clock.advance(0);
    expect(await storage.get('rookery.laptop.cursors')).toBeUndefined();
    window.dispatchEvent(new Event(event));
    expect(JSON.parse((await storage.get('rookery.laptop.cursors')) ?? '')).toMatchObject({
      positions: { [CHAT]: 1 },
    });
    first.client.disconnect();
    await storage.remove('rookery.laptop.cursors');
    window.dispatchEvent(new Event(event));
    expect(await storage.get('rookery.laptop.cursors')).toBeUndefined();
  });

  it('what was emitted is not emitted again, even if the mark was lost', async () => {
    const { open } = pages();
    const first = await open();
    first.server.refuse = ({ type }) =>
      type === 'chat.delivered' ? { code: 'unavailable', retryable: true } : undefined;
    first.server.say('ben', 'amy', '1');
    await first.clock.advance(0);
    first.client.disconnect();
    first.server.say('ben', 'amy', '2');
    const second = await open();
    expect(second.seqs(CHAT)).toEqual([2]);
  });

  it('nothing of one user goes to another, and it is there when he returns', async () => {
    const { open } = pages();
    const first = await open();
    first.server.refuse = ({ type }) =>
      type === 'chat.send' ? { code: 'unavailable', retryable: true } : undefined;
    void first.client.send({ to: 'ben' }, text("amy's"));
    await first.clock.advance(0);
    first.client.disconnect();
    first.server.refuse = () => undefined;
    const other = await open('zoe');
    await other.clock.advance(60_000);
    expect(other.server.journal.of('dm:ben:zoe')).toEqual([]);
    other.client.disconnect();
    const back = await open();
    expect(back.server.journal.of(CHAT).map(({ from, content }) => `${from}: ${content}`)).toEqual([
      "amy: amy's",
    ]);
  });

  it('what waits is told at every change, and before the connection is there', async () => {
    const { storage, open } = pages();
    const first = await open();
    first.server.up = false;
    first.server.dropAll(1006);
    void first.client.send({ to: 'ben' }, text('x'), { clientId: 'k1' });
    await first.clock.advance(0);
    first.client.disconnect();
    const second = new Harness({ storage }, first.server, first.clock);
    const told: string[][] = [];
    second.client.on('pendingChange', (pending) => told.push(pending.map(({ clientId }) => clientId)));
    await second.connect();
    expect([second.client.state, told]).toEqual(['connecting', [['k1']]]);
    second.server.up = true;
    await second.clock.advance(60_000);
    expect(told).toEqual([['k1'], []]);
    void second.client.send({ to: 'ben' }, text('y'), { clientId: 'k2' });
    expect(told.at(-1)).toEqual(['k2']);
  });

  it('a message that came back and is refused is told as an error event', async () => {
    const { open } = pages();
    const first = await open();
    first.server.refuse = () => ({ code: 'unavailable', retryable: true });
    void first.client.send({ to: 'ben' }, text('x'), { clientId: 'k1' });
    await first.clock.advance(0);
    first.client.disconnect();
    first.server.refuse = ({ type }) => (type === 'chat.send' ? { code: 'refused' } : undefined);
    const second = await open();
    expect(second.errors).toMatchObject([{ code: 'refused', clientId: 'k1' }]);
  });

  it('that fails, everything goes on without it', async () => {
    const broken = async (): Promise<never> => {
      throw new Error('quota');
    };
    const harness = await Harness.connected({ storage: { get: broken, set: broken, remove: broken } });
    expect((await harness.client.send({ to: 'ben' }, text('x'))).seq).toBe(1);
    expect(harness.errors[0]).toMatchObject({ code: 'storage', message: 'quota' });
  });
});

describe('webStorage', () => {
  it('keeps in what a browser offers', async () => {
    const values = new Map<string, string>();
    const storage = webStorage({
      getItem: (key) => values.get(key) ?? null,
      setItem: (key, value) => void values.set(key, value),
      removeItem: (key) => void values.delete(key),
    });
    await storage.set('a', '1');
    expect(await storage.get('a')).toBe('1');
    await storage.remove('a');
    expect(await storage.get('a')).toBeNull();
  });
});
