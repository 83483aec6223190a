import type { NotificationMessage } from '@rookery/protocol';
import { describe, expect, it } from 'vitest';
import { Harness } from './testing/harness.js';

const CHAT = 'dm:amy:ben';
const BEN = { to: 'ben' };
const hello = { kind: 'text' as const, content: 'Hello' };

describe('messages', () => {
  it('come with the backlog and then live, own ones in their place', async () => {
    const harness = new Harness();
    harness.server.say('ben', 'amy', 'one');
    await harness.connect();
    const synced: number[] = [];
    harness.client.on('synced', ({ messages }) => synced.push(messages));
    await harness.client.send(BEN, { ...hello, replyTo: 1 }, { clientId: 'mine' });
    harness.server.say('ben', 'amy', 'three');
    await harness.clock.advance(0);
    expect(harness.messages.map(({ from, seq }) => `${from} ${seq}`)).toEqual(['ben 1', 'amy 2', 'ben 3']);
    const { id, time, conversation, ...own } = harness.messages[1]!;
    expect([id, time, conversation]).toEqual([`${CHAT}#2`, 2, CHAT]);
    expect(own).toEqual({ seq: 2, from: 'amy', to: 'ben', ...hello, replyTo: 1, clientId: 'mine' });
  });

  it('come once, however often they are pushed', async () => {
    const harness = new Harness();
    harness.server.copiesOf = () => 2;
    harness.server.say('ben', 'amy', 'one');
    await harness.connect();
    harness.server.say('ben', 'amy', 'two');
    await harness.reconnect();
    expect(harness.seqs(CHAT)).toEqual([1, 2]);
  });

  it('that are missing are read from the history, page by page and in order', async () => {
    const harness = await Harness.connected();
    harness.server.say('ben', 'amy', '1');
    harness.server.copiesOf = () => 0;
    for (let n = 2; n <= 450; n++) harness.server.say('ben', 'amy', String(n));
    harness.server.copiesOf = () => 1;
    harness.server.say('ben', 'amy', '451');
    await harness.clock.advance(0);
    expect(harness.seqs(CHAT)).toEqual(Array.from({ length: 451 }, (_, index) => index + 1));
    expect(harness.server.dataOf('chat.history').map(({ after }) => after)).toEqual([1, 201, 401]);
  });

  it('below an own one are read too', async () => {
    const harness = await Harness.connected();
    harness.server.say('ben', 'amy', '1');
    harness.server.copiesOf = () => 0;
    harness.server.say('ben', 'amy', '2');
    await harness.client.send(BEN, hello);
    await harness.clock.advance(0);
    expect(harness.messages.map(({ content }) => content)).toEqual(['1', '2', 'Hello']);
  });

  it('of the backlog are not looked for when an answer overtakes them', async () => {
    const harness = await Harness.connected();
    const { server, client } = harness;
    server.say('ben', 'amy', '1');
    await harness.clock.advance(0);
    server.holdsBacklog = true;
    await harness.reconnect();
    server.journal.append('ben', { to: 'amy', kind: 'text', content: '2' });
    await client.send(BEN, hello);
    await harness.clock.advance(0);
    expect(harness.seqs(CHAT)).toEqual([1]);
    server.releaseBacklog();
    await harness.clock.advance(0);
    expect(harness.seqs(CHAT)).toEqual([1, 2, 3]);
    expect(server.dataOf('chat.history')).toEqual([]);
  });

  it('of the backlog come in order, even if the first that is heard of them is an answer', async () => {
    const harness = new Harness();
    const { server, client } = harness;
    server.holdsBacklog = true;
    server.say('ben', 'amy', '1');
    server.say('ben', 'amy', '2');
    await harness.connect();
    await client.send(BEN, hello);
    await harness.clock.advance(1000);
    expect(server.dataOf('chat.delivered')).toEqual([]);
    server.releaseBacklog();
    await harness.clock.advance(1000);
    expect(harness.seqs(CHAT)).toEqual([1, 2, 3]);
    expect(server.dataOf('chat.delivered')).toEqual([{ conversation: CHAT, seq: 3 }]);
  });

  it('are looked for again when reading them failed, and given up when they may not be read', async () => {
    const harness = await Harness.connected();
    const { server, clock } = harness;
    server.say('ben', 'amy', '1');
    server.copiesOf = ({ data }) => Number((data as { seq: number }).seq % 2 === 1);
    const answers = [
      { code: 'unavailable' as const, retryable: true, retryAfter: 3 },
      { code: 'not_found' as const },
    ];
    server.refuse = ({ type }) => (type === 'chat.history' ? answers.shift() : undefined);
    server.say('ben', 'amy', '2');
    server.say('ben', 'amy', '3');
    await clock.advance(2999);
    expect(harness.seqs(CHAT)).toEqual([1]);
    await clock.advance(1);
    expect(harness.seqs(CHAT)).toEqual([1, 3]);
    expect(harness.errors.at(-1)).toMatchObject({ code: 'not_found' });
  });

  it('that only other devices were brought are read when sync() tells of them', async () => {
    const harness = await Harness.connected();
    harness.server.say('ben', 'amy', '1');
    harness.server.copiesOf = () => 0;
    harness.server.say('ben', 'amy', '2');
    for await (const page of harness.client.sync()) expect(page[0]?.head).toBe(2);
    await harness.clock.advance(0);
    expect(harness.seqs(CHAT)).toEqual([1, 2]);
  });
});

describe('notifications', () => {
  it('come once when they are stored, and as they are when not', async () => {
    const harness = await Harness.connected();
    const seen: NotificationMessage[] = [];
    harness.client.on('notification', (notification) => seen.push(notification));
    const stored = { conversation: 'inbox:amy', seq: 1, id: 'inbox:amy#1' };
    const plain = { type: 'order_status', content: 'shipped', time: 1 };
    for (const data of [{ ...plain, ...stored }, { ...plain, ...stored }, plain, plain])
      harness.server.push('notification.message', data);
    await harness.clock.advance(0);
    expect(seen).toEqual([{ ...plain, ...stored }, plain, plain]);
  });
});

describe('the first own message of a conversation', () => {
  const refuseSends =
    (code: 'rate_limited' | 'unavailable') =>
    ({ type }: { type: string }) =>
      type === 'chat.send' ? { code, retryable: true, retryAfter: 9 } : undefined;

  it('comes before an answer of the peer in the same chunk', async () => {
    const harness = await Harness.connected();
    harness.server.holdsChunk = true;
    const sent = harness.client.send(BEN, hello);
    await harness.clock.advance(0);
    harness.server.say('ben', 'amy', 'Hello too');
    harness.server.releaseChunk();
    await harness.clock.advance(1000);
    expect((await sent).seq).toBe(1);
    expect(harness.messages.map(({ from, seq }) => `${from} ${seq}`)).toEqual(['amy 1', 'ben 2']);
    expect(harness.server.dataOf('chat.history')).toEqual([]);
  });

  it('comes before a backlog that leaves it out, when its answer was cut off', async () => {
    const harness = await Harness.connected();
    const { server, client } = harness;
    server.losesReply = ({ type }) => type === 'chat.send';
    const sent = client.send(BEN, hello);
    await harness.clock.advance(0);
    server.dropAll();
    await harness.clock.advance(0);
    server.say('ben', 'amy', 'Hello too');
    server.losesReply = () => false;
    await harness.clock.advance(60_000);
    expect(await sent).toMatchObject({ seq: 1, duplicate: true });
    expect(harness.seqs(CHAT)).toEqual([1, 2]);
    expect(server.journal.cursor('amy laptop', CHAT)).toBe(2);
  });

  it('comes in its place when its answer got lost amid a conversation that is new to the device', async () => {
    const harness = await Harness.connected({ commandTimeout: 4000 });
    const { server, client } = harness;
    for (const content of ['1', '2']) server.journal.append('ben', { to: 'amy', kind: 'text', content });
    server.losesReply = ({ type }) => type === 'chat.send';
    void client.send(BEN, hello);
    await harness.clock.advance(0);
    server.journal.append('amy', { ...BEN, kind: 'text', content: 'from elsewhere' });
    server.say('ben', 'amy', '5');
    await harness.clock.advance(3000);
    expect(harness.seqs(CHAT)).toEqual([]);
    server.losesReply = () => false;
    await harness.clock.advance(9000);
    expect(harness.seqs(CHAT)).toEqual([3, 4, 5]);
  });

  it('comes in its place when its answer comes after the time-out', async () => {
    const harness = await Harness.connected({ commandTimeout: 4000 });
    const { server, client, clock } = harness;
    server.say('ben', 'amy', '1');
    await clock.advance(0);
    server.holdsChunk = true;
    const sent = client.send(BEN, hello);
    await clock.advance(4000);
    server.say('ben', 'amy', '3');
    server.releaseChunk();
    await clock.advance(60_000);
    expect((await sent).seq).toBe(2);
    expect(harness.seqs(CHAT)).toEqual([1, 2, 3]);
  });

  it('holds nothing up that it cannot come before', async () => {
    const harness = await Harness.connected();
    harness.server.journal.append('ben', { to: 'amy', kind: 'text', content: '1' });
    harness.server.journal.append('zoe', { to: 'amy', kind: 'text', content: '1' });
    harness.server.refuse = refuseSends('rate_limited');
    void harness.client.send(BEN, hello);
    await harness.clock.advance(0);
    harness.server.say('ben', 'amy', '2');
    await harness.clock.advance(0);
    expect(harness.seqs(CHAT)).toEqual([2]);
    harness.server.refuse = refuseSends('unavailable');
    void harness.client.send({ to: 'cat' }, hello);
    await harness.clock.advance(0);
    harness.server.say('zoe', 'amy', '2');
    await harness.clock.advance(0);
    expect(harness.seqs('dm:amy:zoe')).toEqual([2]);
  });

  it('holds nothing up any more when it was refused', async () => {
    const harness = await Harness.connected();
    const { server, client } = harness;
    server.journal.append('ben', { to: 'amy', kind: 'text', content: '1' });
    server.refuse = refuseSends('unavailable');
    const sent = client.send(BEN, hello);
    await harness.clock.advance(0);
    server.say('ben', 'amy', '2');
    server.refuse = ({ type }) => (type === 'chat.send' ? { code: 'refused' } : undefined);
    void sent.catch(() => undefined);
    await harness.clock.advance(0);
    expect(harness.seqs(CHAT)).toEqual([]);
    await harness.clock.advance(20_000);
    await expect(sent).rejects.toMatchObject({ code: 'refused' });
    expect(harness.seqs(CHAT)).toEqual([2]);
  });
});

describe('what is passed on', () => {
  it('receipts, typing, and errors that answer nothing', async () => {
    const harness = await Harness.connected();
    const seen: unknown[] = [];
    harness.client.on('receipt', ({ seq }) => seen.push(seq));
    harness.client.on('typing', ({ from }) => seen.push(from));
    harness.server.push('chat.receipt', { conversation: CHAT, user: 'ben', kind: 'read', seq: 4 });
    harness.server.push('chat.typing', { conversation: CHAT, from: 'ben', active: true });
    harness.server.refuse = () => ({ code: 'not_found' });
    harness.client.typing({ conversation: 'dm:eve:zoe' });
    await harness.clock.advance(0);
    expect(seen).toEqual([4, 'ben']);
    expect(harness.errors).toMatchObject([{ code: 'not_found', retryable: false }]);
  });
});

describe('marks', () => {
  it('say delivered by themselves, once for many', async () => {
    const harness = await Harness.connected();
    for (const content of ['1', '2', '3']) harness.server.say('ben', 'amy', content);
    await harness.clock.advance(1000);
    expect(harness.server.dataOf('chat.delivered')).toEqual([{ conversation: CHAT, seq: 3 }]);
  });

  it('never go beyond a hole', async () => {
    const harness = await Harness.connected();
    harness.server.refuse = ({ type }) =>
      type === 'chat.history' ? { code: 'unavailable', retryable: true, retryAfter: 99 } : undefined;
    harness.server.say('ben', 'amy', '1');
    harness.server.copiesOf = ({ data }) => Number((data as { seq: number }).seq !== 2);
    harness.server.say('ben', 'amy', '2');
    harness.server.say('ben', 'amy', '3');
    await harness.clock.advance(1000);
    expect(harness.server.dataOf('chat.delivered')).toEqual([{ conversation: CHAT, seq: 1 }]);
  });

  it('say read in place of delivered', async () => {
    const harness = await Harness.connected();
    harness.server.say('ben', 'amy', '1');
    await harness.clock.advance(0);
    harness.client.markRead(CHAT, 1);
    await harness.clock.advance(1000);
    expect(harness.server.dataOf('chat.delivered')).toEqual([]);
    expect(harness.server.dataOf('chat.read')).toEqual([{ conversation: CHAT, seq: 1 }]);
  });

  it('are repeated until they are confirmed, and kept while there is no connection', async () => {
    const harness = await Harness.connected();
    harness.server.say('ben', 'amy', '1');
    await harness.clock.advance(0);
    harness.server.dropAll();
    await harness.clock.advance(0);
    harness.client.markRead(CHAT, 1);
    await harness.clock.advance(1000);
    expect(harness.server.journal.cursor('amy', CHAT)).toBe(1);
  });

  it('are tried again when the store was away, and dropped when they are wrong', async () => {
    const harness = await Harness.connected();
    harness.server.refuse = ({ type }) =>
      type === 'chat.read' ? { code: 'unavailable', retryable: true } : undefined;
    harness.client.markRead(CHAT, 1);
    await harness.clock.advance(1000);
    harness.server.refuse = () => undefined;
    await harness.clock.advance(2000);
    expect(harness.server.dataOf('chat.read')).toHaveLength(2);
    harness.server.refuse = ({ type }) => (type === 'chat.read' ? { code: 'invalid' } : undefined);
    harness.client.markRead(CHAT, 99);
    await harness.clock.advance(10_000);
    expect(harness.server.dataOf('chat.read')).toHaveLength(3);
    expect(harness.errors).toMatchObject([{ code: 'invalid' }]);
  });

  it('are said before a disconnect()', async () => {
    const harness = await Harness.connected();
    harness.server.say('ben', 'amy', '1');
    await harness.clock.advance(0);
    harness.client.disconnect();
    await harness.clock.advance(0);
    expect(harness.server.journal.cursor('amy laptop', CHAT)).toBe(1);
  });

  it('are up to the application with autoDelivered: false', async () => {
    const harness = await Harness.connected({ autoDelivered: false });
    harness.server.say('ben', 'amy', '1');
    await harness.clock.advance(1000);
    expect(harness.server.dataOf('chat.delivered')).toEqual([]);
    harness.client.markDelivered(CHAT, 1);
    await harness.clock.advance(1000);
    expect(harness.server.dataOf('chat.delivered')).toHaveLength(1);
  });
});

describe('reading', () => {
  it('waits for the connection, and asks again on the next', async () => {
    const harness = new Harness();
    harness.server.say('ben', 'amy', '1');
    harness.server.losesReply = ({ type }) => type === 'chat.history';
    harness.client.connect();
    const page = harness.client.history(BEN, { limit: 1 });
    await harness.clock.advance(0);
    harness.server.losesReply = () => false;
    await harness.reconnect();
    expect(await page).toMatchObject({ conversation: CHAT, head: 1, more: false });
    expect(harness.server.dataOf('chat.history')).toHaveLength(2);
  });

  it('rejects where nothing will come', async () => {
    const { client, server } = await Harness.connected();
    server.refuse = () => ({ code: 'not_found' });
    await expect(client.history({ conversation: 'nowhere' })).rejects.toMatchObject({ code: 'not_found' });
    client.disconnect();
    await expect(client.history(BEN)).rejects.toMatchObject({ code: 'disconnected' });
  });

  it('pages through all conversations', async () => {
    const { client, server } = await Harness.connected();
    for (const name of ['ben', 'cat', 'dan', 'eve', 'fay']) server.say(name, 'amy', 'hi');
    const pages: number[] = [];
    for await (const page of client.sync(2)) pages.push(page.length);
    expect(pages).toEqual([2, 2, 1]);
  });
});
