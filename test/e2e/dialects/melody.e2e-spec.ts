import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, ChatReceipt } from '@rookery/protocol';
import { DialectStage } from '../../support/dialect-stage.js';
import { tokenFor } from '../../support/raw-client.js';
import { stores } from '../../support/stores.js';

describe.each(stores())('melody on $name', ({ open }) => {
  let stage: DialectStage;
  beforeAll(async () => {
    stage = await DialectStage.open(await open());
  });
  afterEach(() => stage.disconnectAll());
  afterAll(() => stage.close());

  const pair = async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    return { a, b, alice: await stage.connect('melody', a), bob: await stage.connect('melody', b) };
  };

  it('lets the token decide who it is, and refuses another user_id', async () => {
    const user = stage.name('u');
    expect(await stage.refusal('melody', user, {})).toBe(101);
    expect(await stage.refusal('melody', user, { query: { user_id: 'somebody' } })).toBe(403);
    expect(await stage.refusal('melody', user, { token: null })).toBe(401);
    expect(await stage.refusal('melody', user, { token: 'a.b.c' })).toBe(401);
    expect(await stage.refusal('melody', user, { token: tokenFor('other') })).toBe(403);
  });

  it('takes a numeric user claim as the decimal id', async () => {
    const token = tokenFor('', { sub: 42 });
    expect(await stage.refusal('melody', '42', { token })).toBe(101);
  });

  it('brings a private chat to the sockets of the receiver alone', async () => {
    const { a, b, alice, bob } = await pair();
    const [second, other] = [
      await stage.connect('melody', b),
      await stage.connect('melody', stage.name('other')),
    ];
    alice.send({ type: 'chat', to: b, content: 'hello' });
    for (const socket of [bob, second])
      expect(await socket.type('chat')).toEqual({ type: 'chat', from: a, to: b, content: 'hello' });
    await other.ask({ type: 'ping' }, ({ type }) => type === 'pong');
    expect(other.frames).toEqual([{ type: 'pong' }]);
  });

  it.each([
    ['a string', 'x'],
    ['no text at all', ''],
    ['a number', 7],
    ['null', null],
    ['false', false],
    ['a list', [1, [2, { three: null }]]],
    ['an object', { a: { b: [true, 'ü', 1.5] } }],
  ])('brings %s as content out as it went in', async (_, content) => {
    const { a, b, alice, bob } = await pair();
    alice.send({ type: 'chat', to: b, content });
    expect(await bob.type('chat')).toEqual({ type: 'chat', from: a, to: b, content });
  });

  it.each([{}, { to: '' }])('brings a chat without a receiver (%j) to everyone online', async (without) => {
    const { a, alice, bob } = await pair();
    const native = await stage.native(stage.name('n'));
    alice.send({ type: 'chat', ...without, content: { news: 1 } });
    const expected = { type: 'chat', from: a, content: { news: 1 } };
    expect(await bob.type('chat')).toEqual(expected);
    expect(await alice.type('chat')).toEqual(expected);
    const { data } = await native.event('chat.broadcast');
    expect(data).toMatchObject({ from: a, kind: 'custom', content: { news: 1 } });
  });

  it('limits what one user tells everybody', async () => {
    const { alice, bob } = await pair();
    for (let index = 0; index < 20; index++) alice.send({ type: 'chat', content: String(index) });
    const error = await alice.type('error');
    expect(error.content).toMatchObject({ code: 'rate_limited' });
    alice.send({ type: 'ping' });
    await alice.type('pong');
    expect(bob.all('chat').length).toBeLessThanOrEqual(10);
  });

  it('relays typing, and stores nothing', async () => {
    const { a, b, alice, bob } = await pair();
    alice.send({ type: 'typing', to: b });
    expect(await bob.type('typing')).toEqual({ type: 'typing', from: a, to: b });
    const native = await stage.native(b, { query: { sync: 'self' } });
    expect((await native.call('chat.sync', {})).conversations).toEqual([]);
  });

  it('answers ping with pong', async () => {
    const { alice } = await pair();
    expect(await alice.ask({ type: 'ping' }, () => true)).toEqual({ type: 'pong' });
  });

  it.each(['order_status', 'notification', 'my.own:type'])('relays the type %s like chat', async (type) => {
    const { a, b, alice, bob } = await pair();
    alice.send({ type, to: b, content: { id: 1 } });
    expect(await bob.type(type)).toEqual({ type, from: a, to: b, content: { id: 1 } });
  });

  it('shows what REST sends and broadcasts as type and content', async () => {
    const { b, alice, bob } = await pair();
    await stage.post('/api/ws/send', { type: 'order_status', to: b, content: { id: 7 } });
    await stage.post('/api/ws/broadcast', { type: 'maintenance', content: 'tonight' });
    expect(await bob.type('order_status')).toEqual({ type: 'order_status', content: { id: 7 } });
    for (const socket of [alice, bob])
      expect(await socket.type('maintenance')).toEqual({ type: 'maintenance', content: 'tonight' });
    expect(alice.all('order_status')).toEqual([]);
  });

  it('pushes what was missed on connect, oldest first, and not again', async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const alice = await stage.connect('melody', a);
    for (const content of ['1', '2', '3']) alice.send({ type: 'chat', to: b, content });
    await stage.post('/api/ws/send', { type: 'notice', to: b, content: 4 });
    const first = await stage.connect('melody', b);
    await first.type('notice');
    expect(first.all('chat').map(({ content }) => content)).toEqual(['1', '2', '3']);
    await stage.delivered(b);
    await first.close();
    const again = await stage.connect('melody', b);
    alice.send({ type: 'chat', to: b, content: '5' });
    await again.frame(({ content }) => content === '5');
    expect(again.frames.map(({ content }) => content)).toEqual(['5']);
  });

  it('counts as delivered what the socket has taken: the sender is told', async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const native = await stage.native(a);
    await stage.connect('melody', b);
    const { conversation, seq } = await native.call('chat.send', { to: b, kind: 'text', content: 'x' });
    await native.until(() => native.dataOf<ChatReceipt>('chat.receipt').length > 0);
    expect(native.dataOf('chat.receipt')).toEqual([{ conversation, user: b, kind: 'delivered', seq }]);
  });

  it('is a chat like any other to native clients', async () => {
    const { a, b, alice, bob } = await pair();
    const native = await stage.native(b);
    alice.send({ type: 'chat', to: b, content: 'hello' });
    alice.send({ type: 'order_status', to: b, content: 7 });
    await native.until(() => native.dataOf('chat.message').length === 2);
    expect(native.dataOf<ChatMessage>('chat.message')).toMatchObject([
      { from: a, to: b, kind: 'text', content: 'hello' },
      { from: a, to: b, kind: 'custom', content: 7, meta: { type: 'order_status' } },
    ]);
    await native.call('chat.send', {
      to: a,
      kind: 'file',
      content: { url: 'https://example.com/a.pdf', name: 'a.pdf' },
    });
    const content = { url: 'https://example.com/a.pdf', name: 'a.pdf' };
    expect(await alice.type('chat')).toEqual({ type: 'chat', from: b, to: a, content });
    // The sender's other devices have it as well.
    expect(await bob.frame(({ from }) => from === b)).toEqual({ type: 'chat', from: b, to: a, content });
  });

  it.each([
    ['no JSON', '{', 'bad_frame'],
    ['no object', '[]', 'bad_frame'],
    ['null', 'null', 'bad_frame'],
    ['a type that is no text', '{"type":7,"to":"b"}', 'invalid'],
    ['a type of ours', '{"type":"pong","to":"b","content":1}', 'invalid'],
    ['no type', '{"to":"b"}', 'invalid'],
    ['a receiver that is no text', '{"type":"chat","to":7,"content":"x"}', 'invalid'],
    ['no content', '{"type":"chat","to":"b"}', 'invalid'],
    ['another type without a receiver', '{"type":"order_status","content":1}', 'invalid'],
    ['typing to nobody', '{"type":"typing"}', 'invalid'],
    ['a key that reaches for prototypes', '{"type":"chat","to":"b","content":{"__proto__":1}}', 'bad_frame'],
    [
      'what is nested too deeply',
      `{"type":"chat","to":"b","content":${'['.repeat(40)}${']'.repeat(40)}}`,
      'too_deep',
    ],
  ])('answers %s with an error, and goes on', async (_, text, code) => {
    const { alice } = await pair();
    const error = await alice.ask(text, ({ type }) => type === 'error');
    expect(error).toEqual({ type: 'error', content: { code, message: expect.any(String) } });
    expect(await alice.ask({ type: 'ping' }, ({ type }) => type === 'pong')).toEqual({ type: 'pong' });
  });

  it('answers a binary frame with an error, and one that is too large before it closes', async () => {
    const { alice } = await pair();
    alice.sendRaw(Buffer.from('{"type":"ping"}'));
    expect((await alice.type('error')).content.code).toBe('bad_frame');
    alice.send({ type: 'chat', to: 'b', content: 'x'.repeat(70_000) });
    await alice.frame(({ content }) => content?.code === 'too_large');
    expect(await alice.closed()).toBe(1009);
  });
});
