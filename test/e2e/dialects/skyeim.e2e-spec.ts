import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, ChatReceipt } from '@rookery/protocol';
import type { AnyFrame, DialectClient } from '../../support/dialect-client.js';
import { DialectStage } from '../../support/dialect-stage.js';
import { tokenFor } from '../../support/raw-client.js';
import { stores } from '../../support/stores.js';

const status =
  (wanted: string, msgId?: unknown) =>
  ({ type, data }: AnyFrame): boolean =>
    type === 'ack' && data.status === wanted && (msgId === undefined || data.msgId === msgId);
const chat = (toUserId: unknown, content: string, msgId?: unknown, contentType = 1) => ({
  type: 'chat',
  data: { toUserId, content, contentType, ...(msgId !== undefined && { msgId }) },
});
const contents = (client: DialectClient): unknown[] => client.all('chat').map(({ data }) => data.content);

describe.each(stores())('skyeim on $name', ({ open }) => {
  let stage: DialectStage;
  beforeAll(async () => {
    stage = await DialectStage.open(await open());
  });
  afterEach(() => stage.disconnectAll());
  afterAll(() => stage.close());

  const connected = async (user: string): Promise<DialectClient> => {
    const client = await stage.connect('skyeim', user);
    await client.type('connected');
    return client;
  };
  const pair = async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    return { a, b, alice: await connected(a), bob: await connected(b) };
  };

  it('needs a token in the handshake', async () => {
    expect(await stage.refusal('skyeim', 'x', { token: null })).toBe(401);
    expect(await stage.refusal('skyeim', 'x', { token: 'a.b.c' })).toBe(401);
  });

  it('says who it is and how many are there', async () => {
    const client = await connected(stage.name('u'));
    expect(client.frames).toEqual([
      { type: 'connected', data: { userId: client.user, onlineCount: expect.any(Number) } },
    ]);
    expect(client.frames[0]?.data.onlineCount).toBeGreaterThanOrEqual(1);
  });

  it.each([
    ['the client has made', 'm-1', 'm-1'],
    ['is a number', 77, 77],
    ['is a decimal string', '78', 78],
    ['no client id could be', 'nö space', 'nö space'],
    ['the server has to make', undefined, undefined],
  ])('acknowledges, delivers and tells of it with an id that %s', async (_, given, wire) => {
    const { a, b, alice, bob } = await pair();
    const sent = await alice.ask(chat(b, 'hello', given), status('sent'));
    const { msgId, timestamp } = sent.data;
    expect(String(msgId)).toMatch(wire === undefined ? /^[0-9a-f-]{36}$/ : String(wire));
    expect(typeof msgId).toBe(typeof (wire ?? 'made'));
    expect(sent).toEqual({ type: 'ack', data: { msgId, status: 'sent', timestamp: expect.any(Number) } });
    expect(await bob.type('chat')).toEqual({
      type: 'chat',
      data: { msgId, fromUserId: a, toUserId: b, content: 'hello', contentType: 1, createdAt: timestamp },
    });
    expect(await alice.frame(status('delivered'))).toEqual({
      type: 'ack',
      data: { msgId, status: 'delivered', timestamp: expect.any(Number) },
    });
    expect(alice.frames.filter(({ type }) => type === 'ack').map(({ data }) => data.status)).toEqual([
      'sent',
      'delivered',
    ]);
    bob.send({ type: 'read', data: { peerId: a, msgIds: [msgId] } });
    expect(await alice.type('read')).toEqual({ type: 'read', data: { peerId: b, msgIds: [msgId] } });
  });

  it('writes ids that are decimal integers as numbers, and loses no digit of larger ones', async () => {
    const [one, two, large] = [5000 + Math.floor(Math.random() * 1e9), 4999, '9007199254740993'];
    const token = (id: unknown) => ({ token: tokenFor('', { sub: id }) });
    const [alice, bob, carol] = [
      await stage.connect('skyeim', String(one), token(one)),
      await stage.connect('skyeim', String(two), token(two)),
      await stage.connect('skyeim', large, token(large)),
    ];
    expect((await alice.type('connected')).data.userId).toBe(one);
    expect((await carol.type('connected')).data.userId).toBe(large);
    alice.send(chat(two, 'to a number'));
    expect((await bob.type('chat')).data).toMatchObject({ fromUserId: one, toUserId: two });
    alice.send(chat(large, 'to a string'));
    expect((await carol.type('chat')).data).toMatchObject({ fromUserId: one, toUserId: large });
    const refused = await alice.ask(
      `{"type":"chat","data":{"toUserId":${large},"content":"x","contentType":1,"msgId":1}}`,
      ({ type }) => type === 'error',
    );
    expect(refused.data.msgId).toBe(1);
    expect(carol.all('chat')).toHaveLength(1);
  });

  it('stores one message for the same msgId, and acknowledges each time', async () => {
    const { b, alice, bob } = await pair();
    for (let time = 0; time < 2; time++) await alice.ask(chat(b, 'once', 'k'), status('sent', 'k'));
    await alice.ask(chat(b, 'then', 'l'), status('sent', 'l'));
    await bob.frame(({ data }) => data.content === 'then');
    expect(contents(bob)).toEqual(['once', 'then']);
    const error = await alice.ask(chat(b, 'another', 'k'), ({ type }) => type === 'error');
    expect(error).toEqual({ type: 'error', data: { msgId: 'k', message: expect.any(String) } });
  });

  it('pushes what is unread, oldest first, then says connected, until it is read', async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const alice = await connected(a);
    for (const content of ['1', '2', '3'])
      await alice.ask(chat(b, content, content), status('sent', Number(content)));
    const first = await connected(b);
    expect(first.frames.map(({ type, data }) => data.content ?? type)).toEqual(['1', '2', '3', 'connected']);
    await alice.frame(status('delivered', 3));
    await first.close();
    const second = await connected(b);
    expect(contents(second)).toEqual(['1', '2', '3']);
    second.send({ type: 'read', data: { peerId: a, msgIds: [2] } });
    await alice.type('read');
    await second.close();
    const third = await connected(b);
    expect(contents(third)).toEqual(['3']);
    third.send({ type: 'read', data: { peerId: a, msgIds: [] } });
    await alice.until(() => alice.all('read').length === 2);
    expect(alice.all('read').map(({ data }) => data)).toEqual([
      { peerId: b, msgIds: [1, 2] },
      { peerId: b, msgIds: [3] },
    ]);
    await third.close();
    expect(contents(await connected(b))).toEqual([]);
  });

  it('tells of messages that were sent on an earlier connection, by their ids', async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const before = await connected(a);
    for (const id of ['x', 'y']) await before.ask(chat(b, id, id), status('sent', id));
    await before.close();
    const alice = await connected(a);
    await alice.ask({ type: 'ping' }, ({ type }) => type === 'pong');
    const bob = await connected(b);
    await alice.frame(status('delivered', 'y'));
    bob.send({ type: 'read', data: { peerId: a } });
    expect((await alice.type('read')).data).toEqual({ peerId: b, msgIds: ['x', 'y'] });
    expect(alice.all('ack').map(({ data }) => data.msgId)).toEqual(['x', 'y']);
  });

  it('carries text, images, files and voice, and what only its own clients understand', async () => {
    const { a, b, alice, bob } = await pair();
    const native = await stage.native(b);
    const url = 'https://example.com/a.png';
    const sent: [string, number][] = [
      ['t', 1],
      [url, 2],
      [url, 3],
      ['/f/1', 4],
      ['file-id', 3],
      ['{"x":1}', 9],
    ];
    for (const [content, type] of sent) alice.send(chat(b, content, undefined, type));
    await bob.until(() => bob.all('chat').length === sent.length);
    expect(bob.all('chat').map(({ data }) => [data.content, data.contentType])).toEqual(sent);
    await native.until(() => native.dataOf('chat.message').length === sent.length);
    expect(native.dataOf<ChatMessage>('chat.message').map(({ kind }) => kind)).toEqual([
      'text',
      'image',
      'file',
      'voice',
      'custom',
      'custom',
    ]);
    await native.call('chat.send', { to: a, kind: 'image', content: { url, width: 3 } });
    expect((await alice.type('chat')).data).toMatchObject({ fromUserId: b, content: url, contentType: 2 });
  });

  it('tells native senders, and is told by native receivers', async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const [alice, native] = [await connected(a), await stage.native(b)];
    await alice.ask(chat(b, 'x', 'id'), status('sent', 'id'));
    const { data } = await native.event('chat.message');
    const { conversation, seq } = data as ChatMessage;
    expect(alice.all('ack')).toHaveLength(1);
    await native.call('chat.read', { conversation, seq });
    expect((await alice.type('read')).data).toEqual({ peerId: b, msgIds: ['id'] });
    expect(alice.all('ack').map(({ data: ack }) => ack.status)).toEqual(['sent', 'delivered']);
    const reply = await native.call('chat.send', { to: a, kind: 'text', content: 'y', clientId: 'native' });
    expect((await alice.frame(({ data: d }) => d.content === 'y')).data.msgId).toBe('native');
    alice.send({ type: 'read', data: { peerId: b, msgIds: ['native'] } });
    await native.until(() => native.dataOf<ChatReceipt>('chat.receipt').some(({ kind }) => kind === 'read'));
    expect(native.dataOf('chat.receipt')).toContainEqual({
      conversation,
      user: a,
      kind: 'read',
      seq: reply.seq,
    });
  });

  it('tells friends who comes and goes, strangers not', async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const [one, two] = [await stage.native(a), await stage.native(b)];
    await one.call('contact.request', { to: b });
    await two.call('contact.accept', { user: a });
    await Promise.all([one.close(), two.close()]);
    const [alice, stranger] = [await connected(a), await connected(stage.name('s'))];
    const bob = await connected(b);
    expect(await alice.type('online')).toEqual({
      type: 'online',
      data: { userId: b, timestamp: expect.any(Number) },
    });
    expect((await bob.type('online')).data.userId).toBe(a);
    await bob.close();
    expect((await alice.type('offline')).data).toEqual({ userId: b, timestamp: expect.any(Number) });
    expect(stranger.all('online')).toEqual([]);
  });

  it('answers ping with pong', async () => {
    const { alice } = await pair();
    expect(await alice.ask({ type: 'ping' }, () => true)).toEqual({ type: 'pong' });
  });

  it.each([
    ['no JSON', '{', null],
    ['no object', '"x"', null],
    ['an unknown type', '{"type":"fly","data":{"msgId":3}}', 3],
    ['no data', '{"type":"chat"}', null],
    ['no receiver', '{"type":"chat","data":{"content":"x","contentType":1,"msgId":"q"}}', 'q'],
    [
      'a receiver that is no id',
      '{"type":"chat","data":{"toUserId":{},"content":"x","contentType":1,"msgId":"q"}}',
      'q',
    ],
    [
      'a receiver with a fraction',
      '{"type":"chat","data":{"toUserId":1.5,"content":"x","contentType":1,"msgId":"q"}}',
      'q',
    ],
    [
      'content that is no text',
      '{"type":"chat","data":{"toUserId":"b","content":7,"contentType":1,"msgId":"q"}}',
      'q',
    ],
    [
      'an empty text',
      '{"type":"chat","data":{"toUserId":"b","content":"","contentType":1,"msgId":"q"}}',
      'q',
    ],
    ['no kind of content', '{"type":"chat","data":{"toUserId":"b","content":"x","msgId":"q"}}', 'q'],
    [
      'a msgId that is none',
      '{"type":"chat","data":{"toUserId":"b","content":"x","contentType":1,"msgId":{}}}',
      null,
    ],
    ['reading nobody', '{"type":"read","data":{"msgIds":[1]}}', null],
    ['reading no list', '{"type":"read","data":{"peerId":"b","msgIds":1}}', null],
    ['reading what is not there', '{"type":"read","data":{"peerId":"b","msgIds":[1]}}', null],
    ['a key that reaches for prototypes', '{"type":"ping","data":{"constructor":1}}', null],
  ])('answers %s with an error, and goes on', async (_, text, msgId) => {
    const { alice } = await pair();
    const error = await alice.ask(text, ({ type }) => type === 'error');
    expect(error).toEqual({ type: 'error', data: { msgId, message: expect.any(String) } });
    expect(await alice.ask({ type: 'ping' }, ({ type }) => type === 'pong')).toEqual({ type: 'pong' });
  });

  it('answers what is too large before it closes', async () => {
    const { b, alice } = await pair();
    alice.send(chat(b, 'x'.repeat(70_000)));
    expect((await alice.type('error')).data.message).toMatch(/size/);
    expect(await alice.closed()).toBe(1009);
  });
});
