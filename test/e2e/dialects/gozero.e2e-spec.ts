import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, ChatReceipt } from '@rookery/protocol';
import type { AnyFrame, DialectClient } from '../../support/dialect-client.js';
import { DialectStage } from '../../support/dialect-stage.js';
import { tokenFor } from '../../support/raw-client.js';
import { stores } from '../../support/stores.js';

const ack = (id: unknown) => (frame: AnyFrame) => frame.type === 'ack' && frame.data.message_id === id;
const isError = ({ type }: AnyFrame): boolean => type === 'error';

describe.each(stores())('gozero on $name', ({ open }) => {
  let stage: DialectStage;
  beforeAll(async () => {
    stage = await DialectStage.open(await open(), { env: { WS_AUTH_TIMEOUT: '4' } });
  });
  afterEach(() => stage.disconnectAll());
  afterAll(() => stage.close());

  const members = async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const group = await stage.group([a, b]);
    const [alice, bob] = [await stage.connect('gozero', a), await stage.connect('gozero', b)];
    for (const each of [alice, bob]) await stage.caughtUp(each, 'gozero');
    return { a, b, group, alice, bob };
  };
  const text = (group: string, content: string, id?: unknown) => ({
    type: 'send_message',
    ...(id !== undefined && { message_id: id }),
    timestamp: 1,
    data: { group_id: group, msg_type: 1, content },
  });
  const send = (client: DialectClient, group: string, content: string, id: unknown) =>
    client.ask(text(group, content, id), ack(id));

  it('authenticates by the first frame', async () => {
    const user = stage.name('u');
    const client = await stage.connect('gozero', user, { token: null });
    const answer = await client.ask(
      { type: 'auth', message_id: 'x1', data: { token: tokenFor(user) } },
      () => true,
    );
    expect(answer).toEqual({
      type: 'auth_success',
      message_id: 'x1',
      timestamp: expect.any(Number),
      data: { user_id: user },
    });
    client.send({ type: 'ping' });
    await client.type('pong');
    expect(client.all('auth_success')).toHaveLength(1);
  });

  it('takes a token in the handshake as well', async () => {
    const client = await stage.connect('gozero', stage.name('u'));
    expect((await client.type('auth_success')).data).toEqual({ user_id: client.user });
    expect(await stage.refusal('gozero', 'x', { token: 'a.b.c' })).toBe(401);
  });

  it.each([{ token: 'a.b.c' }, { token: 7 }, {}, undefined, 'x'])(
    'answers auth %j with auth_failed and closes',
    async (data) => {
      const client = await stage.connect('gozero', 'x', { token: null });
      const answer = await client.ask({ type: 'auth', data }, () => true);
      expect(answer).toMatchObject({ type: 'auth_failed', data: { message: expect.any(String) } });
      expect(await client.closed()).toBe(4500);
    },
  );

  it('answers everything before it with 401, and lets nobody stay without a token', async () => {
    const user = stage.name('u');
    const client = await stage.connect('gozero', user, { token: null });
    for (const type of ['ping', 'join_group', 'send_message', 'nonsense'])
      expect(await client.ask({ type, message_id: type, data: { group_id: 'g' } }, isError)).toMatchObject({
        message_id: type,
        data: { code: 401 },
      });
    await client.ask(
      { type: 'auth', data: { token: tokenFor(user) } },
      ({ type }) => type === 'auth_success',
    );
    const silent = await stage.connect('gozero', 'x', { token: null });
    expect(await silent.closed()).toBe(4500);
    const noisy = await stage.connect('gozero', 'x', { token: null });
    for (let index = 0; index < 30; index++) noisy.send({ type: 'ping' });
    expect(await noisy.closed()).toBe(4500);
    expect(noisy.frames.length).toBeLessThanOrEqual(10);
  });

  it('answers ping with pong', async () => {
    const { alice } = await members();
    expect(await alice.ask({ type: 'ping' }, ({ type }) => type === 'pong')).toEqual({
      type: 'pong',
      timestamp: expect.any(Number),
    });
  });

  it('joins and leaves groups, and says so with the message_id of the request', async () => {
    const [owner, user] = [stage.name('o'), stage.name('u')];
    const group = await stage.group([owner]);
    const client = await stage.connect('gozero', user);
    const request = (type: string, id: unknown) => ({ type, message_id: id, data: { group_id: group } });
    const joined = await client.ask(request('join_group', 17), ack(17));
    expect(joined).toEqual({
      type: 'ack',
      message_id: 17,
      timestamp: expect.any(Number),
      data: { message_id: 17, success: true },
    });
    await client.ask(request('join_group', 'again'), ack('again'));
    await send(client, group, 'hello', 18);
    await client.ask(request('leave_group', 19), ack(19));
    expect((await client.ask(text(group, 'x', 20), isError)).data.code).toBe(403);
    expect((await client.ask(request('leave_group', 21), isError)).data.code).toBe(403);
  });

  it.each([17, 'm-1', '17', 'nö space', 'x'.repeat(100)])(
    'acknowledges %j and brings it to the members',
    async (id) => {
      const { a, group, alice, bob } = await members();
      const second = await stage.connect('gozero', a);
      await stage.caughtUp(second, 'gozero');
      alice.frames.length = 0;
      expect((await send(alice, group, 'hello', id)).data).toEqual({ message_id: id, success: true });
      for (const client of [bob, second]) {
        const { timestamp, ...rest } = await client.type('new_message');
        expect(rest).toEqual({
          type: 'new_message',
          message_id: id,
          data: {
            group_id: group,
            message_id: id,
            sender_id: a,
            msg_type: 1,
            content: 'hello',
            timestamp,
          },
        });
        expect(timestamp).toBeGreaterThan(1.7e12);
      }
      expect(alice.all('new_message')).toEqual([]);
    },
  );

  it('stores one message for the same message_id sent twice, and acknowledges twice', async () => {
    const { b, group, alice, bob } = await members();
    await send(alice, group, 'once', 5);
    await send(alice, group, 'once', 5);
    await send(alice, group, 'then', 6);
    await bob.frame(({ data }) => data?.content === 'then');
    expect(bob.all('new_message').map(({ data }) => data.content)).toEqual(['once', 'then']);
    expect((await alice.ask(text(group, 'another', 5), isError)).data.code).toBe(400);
    const native = await stage.native(b);
    const { messages } = await native.call('chat.history', { conversation: group });
    expect(messages.filter(({ event }) => event === 'chat.message')).toHaveLength(2);
  });

  it('makes an id for a message that has none', async () => {
    const { group, alice, bob } = await members();
    const { data } = await alice.ask(text(group, 'x'), ({ type }) => type === 'ack');
    expect(data).toEqual({ message_id: expect.stringMatching(/^[0-9a-f-]{36}$/), success: true });
    expect((await bob.type('new_message')).message_id).toBe(data.message_id);
  });

  it('marks as read, by the id of the message', async () => {
    const { b, group, alice, bob } = await members();
    for (const id of [1, 2, 3]) await send(alice, group, `m${id}`, id);
    await bob.frame(({ message_id }) => message_id === 3);
    const read = (id: unknown, message: unknown) => ({
      type: 'mark_read',
      message_id: id,
      data: { group_id: group, message_id: message },
    });
    await bob.ask(read('r1', 2), ack('r1'));
    const native = await stage.native(b, { query: { sync: 'self' } });
    const state = async () =>
      (await native.call('chat.sync', {})).conversations.find(({ conversation }) => conversation === group);
    expect(await state()).toMatchObject({ unread: 1 });
    // On a connection that has not seen the message.
    const later = await stage.connect('gozero', b);
    await later.ask(read('r2', 3), ack('r2'));
    expect(await state()).toMatchObject({ unread: 0 });
    expect((await later.ask(read('r3', 'none'), isError)).data.code).toBe(400);
  });

  it('tells a stranger who may see the group from one who may not', async () => {
    const owner = stage.name('o');
    const [open, hidden] = [
      await stage.group([owner]),
      await stage.group([owner], { visibility: 'private' }),
    ];
    const client = await stage.connect('gozero', stage.name('u'));
    const code = async (frame: unknown) => (await client.ask(frame, isError)).data.code;
    const data = (group: string) => ({ group_id: group, message_id: 1 });
    for (const [group, expected] of [
      [open, 403],
      [hidden, 404],
      ['none', 404],
      ['dm:a:b', 404],
      ['broadcast:all', 404],
    ] as const) {
      expect(await code(text(group, 'x', 1))).toBe(expected);
      expect(await code({ type: 'mark_read', data: data(group) })).toBe(expected);
      expect(await code({ type: 'leave_group', data: data(group) })).toBe(expected);
    }
    for (const group of [hidden, 'none', 'dm:a:b'])
      expect(await code({ type: 'join_group', data: data(group) })).toBe(404);
  });

  it('shows notifications', async () => {
    const { b, alice, bob } = await members();
    await stage.post('/api/ws/send', { type: 'order_status', to: b, content: { id: 7 } });
    await stage.post('/api/ws/broadcast', { type: 'maintenance', content: 'tonight' });
    await bob.until(() => bob.all('notification').length === 2);
    expect(bob.all('notification').map(({ data }) => data)).toEqual([
      { type: 'order_status', content: { id: 7 }, timestamp: expect.any(Number) },
      { type: 'maintenance', content: 'tonight', timestamp: expect.any(Number) },
    ]);
    expect((await alice.type('notification')).data.type).toBe('maintenance');
  });

  it('pushes what was missed on connect, oldest first, and not again', async () => {
    const { a, b, group, alice, bob } = await members();
    await bob.close();
    for (const id of [1, 2, 3]) await send(alice, group, `m${id}`, id);
    const first = await stage.connect('gozero', b);
    await first.frame(({ message_id }) => message_id === 3);
    expect(first.all('new_message').map(({ data }) => data.content)).toEqual(['m1', 'm2', 'm3']);
    expect(first.frames[0]?.type).toBe('auth_success');
    await stage.delivered(b);
    await first.close();
    const again = await stage.connect('gozero', b);
    await send(alice, group, 'm4', 4);
    await again.frame(({ message_id }) => message_id === 4);
    expect(again.all('new_message').map(({ data }) => data.content)).toEqual(['m4']);
    const own = await stage.connect('gozero', a);
    await stage.post('/api/ws/send', { type: 'end', to: a, content: 1 });
    await own.type('notification');
    expect(own.all('new_message')).toEqual([]);
  });

  it('renews the token on a live connection, for the same user alone', async () => {
    const { a, b, alice } = await members();
    const renew = (user: string) => ({ type: 'auth', message_id: 'n', data: { token: tokenFor(user) } });
    const isAnswer = ({ type }: AnyFrame): boolean => type.startsWith('auth_');
    expect(await alice.ask(renew(a), isAnswer)).toMatchObject({ type: 'auth_success', message_id: 'n' });
    expect(await alice.ask(renew(b), isAnswer)).toMatchObject({ type: 'auth_failed', message_id: 'n' });
    expect(await alice.ask({ type: 'ping' }, ({ type }) => type === 'pong')).toMatchObject({
      type: 'pong',
    });
  });

  it('carries files, and what has no native form, by their numbers', async () => {
    const { a, b, group, alice, bob } = await members();
    const native = await stage.native(b);
    const url = 'https://example.com/a.pdf';
    for (const [msg_type, content] of [
      [2, url],
      [3, url],
      [4, url],
      [3, 'file-id'],
      [9, 'x'],
    ])
      alice.send({
        type: 'send_message',
        message_id: `${msg_type}-${content}`,
        data: { group_id: group, msg_type, content },
      });
    await bob.until(() => bob.all('new_message').length === 5);
    expect(bob.all('new_message').map(({ data }) => [data.msg_type, data.content])).toEqual([
      [2, url],
      [3, url],
      [4, url],
      [3, 'file-id'],
      [9, 'x'],
    ]);
    await native.until(() => native.dataOf('chat.message').length === 5);
    expect(native.dataOf<ChatMessage>('chat.message').map(({ kind, from }) => [kind, from])).toEqual(
      ['image', 'file', 'voice', 'custom', 'custom'].map((kind) => [kind, a]),
    );
    await native.call('chat.send', { conversation: group, kind: 'file', content: { url, name: 'a' } });
    expect(await alice.type('new_message')).toMatchObject({
      data: { sender_id: b, msg_type: 3, content: url },
    });
    expect(native.dataOf<ChatReceipt>('chat.receipt')).toEqual(expect.any(Array));
  });

  it.each([
    ['no JSON', '{', undefined],
    ['no object', '7', undefined],
    ['no type', '{"message_id":1}', 1],
    ['an unknown type', '{"type":"fly","message_id":"q","data":{}}', 'q'],
    ['no data', '{"type":"join_group","message_id":2}', 2],
    ['data that is no object', '{"type":"join_group","message_id":2,"data":[]}', 2],
    ['no group', '{"type":"join_group","message_id":2,"data":{}}', 2],
    [
      'a message without content',
      '{"type":"send_message","message_id":2,"data":{"group_id":"g","msg_type":1}}',
      2,
    ],
    [
      'a message without a number',
      '{"type":"send_message","message_id":2,"data":{"group_id":"g","content":"x"}}',
      2,
    ],
    [
      'an id of too many digits',
      `{"type":"send_message","message_id":1${'0'.repeat(64)},"data":{"group_id":"g","msg_type":1,"content":"x"}}`,
      1e64,
    ],
    [
      'an id that is none',
      '{"type":"send_message","message_id":{},"data":{"group_id":"g","msg_type":1,"content":"x"}}',
      undefined,
    ],
    ['a key that reaches for prototypes', '{"type":"ping","message_id":2,"data":{"__proto__":1}}', 2],
  ])('answers %s with 400, and goes on', async (_, frame, id) => {
    const { alice } = await members();
    const error = await alice.ask(frame, isError);
    expect(error).toMatchObject({ data: { code: 400, message: expect.any(String) } });
    expect(error.message_id).toBe(id);
    await alice.ask({ type: 'ping' }, ({ type }) => type === 'pong');
  });

  it('tells ids apart that are numbers beyond 2^53, and says them again with all their digits', async () => {
    const { b, group, alice, bob } = await members();
    const raw = (client: DialectClient): string[] => {
      const frames: string[] = [];
      client.socket.on('message', (data: Buffer) => frames.push(data.toString()));
      return frames;
    };
    const [answers, shown] = [raw(alice), raw(bob)];
    const ask = (type: string, id: string, data: object): Promise<AnyFrame> =>
      alice.ask(
        `{"type":"${type}","message_id":${id},"data":${JSON.stringify({ group_id: group, ...data })}}`,
        ({ type }) => type === 'ack',
      );
    const ids = ['7234567890123456789', '7234567890123456790', '7234567890123456789'];
    for (const id of ids) await ask('send_message', id, { msg_type: 1, content: 'same' });
    expect(answers.map((text) => /"data":{"message_id":(\d+),/.exec(text)?.[1])).toEqual(ids);
    await alice.ask(
      `{"type":"mark_read","message_id":1,"data":{"group_id":"${group}","message_id":${ids[1]}}}`,
      ack(1),
    );
    await stage.fence(bob, 'gozero');
    const messages = shown.filter((text) => text.includes('"same"'));
    expect(messages.map((text) => /"data":{.*"message_id":(\d+),/.exec(text)?.[1])).toEqual(ids.slice(0, 2));
    const late = await stage.connect('gozero', b, { query: { device: 'late' } });
    await stage.fence(late, 'gozero');
    expect(late.frames.filter(({ data }) => data.content === 'same')).toHaveLength(2);
  });

  it('answers what is too large with 413 before it closes', async () => {
    const { group, alice } = await members();
    alice.send(text(group, 'x'.repeat(70_000), 1));
    expect((await alice.type('error')).data.code).toBe(413);
    expect(await alice.closed()).toBe(1009);
  });
});

describe('gozero with a narrow rate', () => {
  it('answers what is too fast with 429, and stores it when it is sent again', async () => {
    const stage = await DialectStage.open(
      { dispose: async () => undefined },
      { env: { WS_RATE_LIMIT: '20' } },
    );
    try {
      const group = await stage.group(['ann']);
      const ann = await stage.connect('gozero', 'ann');
      await ann.type('auth_success');
      for (let id = 1; id <= 40; id++) ann.send(text(group, id));
      const { data, message_id: refused } = await ann.frame(isError);
      expect(data.code).toBe(429);
      const answers = () => ann.frames.filter((frame) => isError(frame) || frame.type === 'ack');
      await ann.until(() => answers().length >= 40);
      // Forty that take longer than a second come in two windows.
      expect(ann.all('ack').length).toBeGreaterThanOrEqual(20);
      await expect
        .poll(async () => (await ann.ask(text(group, refused), ({ message_id: id }) => id === refused)).type)
        .toBe('ack');
    } finally {
      await stage.disconnectAll();
      await stage.close();
    }
    function text(group: string, id: number) {
      return {
        type: 'send_message',
        message_id: id,
        data: { group_id: group, msg_type: 1, content: String(id) },
      };
    }
  });
});
