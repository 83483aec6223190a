import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage } from '@rookery/protocol';
import type { AnyFrame, DialectClient } from '../../support/dialect-client.js';
import { DialectStage } from '../../support/dialect-stage.js';
import { tokenFor } from '../../support/raw-client.js';
import { stores } from '../../support/stores.js';

const TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/;

/** As its clients send it: all fields, most of them empty. */
const kamaFrame = (from: string, to: string, fields: AnyFrame): AnyFrame => ({
  session_id: 'S1',
  type: 0,
  content: '',
  url: '',
  send_id: from,
  send_name: 'Somebody',
  send_avatar: '/static/a.png',
  receive_id: to,
  file_size: '',
  file_type: '',
  file_name: '',
  av_data: '',
  ...fields,
});
const isError = ({ code }: AnyFrame): boolean => typeof code === 'number';

describe.each(stores())('kama on $name', ({ open }) => {
  let stage: DialectStage;
  beforeAll(async () => {
    stage = await DialectStage.open(await open());
  });
  afterEach(() => stage.disconnectAll());
  afterAll(() => stage.close());

  const connected = async (user: string): Promise<DialectClient> => {
    const client = await stage.connect('kama', user);
    await stage.caughtUp(client, 'kama');
    return client;
  };
  const pair = async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    return { a, b, alice: await connected(a), bob: await connected(b) };
  };

  it('lets the token decide who it is, and refuses another client_id', async () => {
    const user = stage.name('u');
    expect(await stage.refusal('kama', user, {})).toBe(101);
    expect(await stage.refusal('kama', user, { query: { client_id: 'somebody' } })).toBe(403);
    expect(await stage.refusal('kama', user, { token: null })).toBe(401);
    expect(await stage.refusal('kama', user, { token: tokenFor('other') })).toBe(403);
  });

  const FIELDS: [string, AnyFrame][] = [
    ['text', { type: 0, content: 'hello' }],
    ['voice', { type: 1, url: '/static/v.ogg', file_type: 'audio/ogg' }],
    [
      'a file',
      {
        type: 2,
        url: 'https://example.com/a.pdf',
        file_name: 'a.pdf',
        file_size: '12.5KB',
        file_type: 'pdf',
      },
    ],
    [
      'a file with a size in bytes',
      { type: 2, url: '/f/1', file_name: 'a', file_size: '2048', content: 'see' },
    ],
    [
      'a file at an address with a space',
      { type: 2, url: '/static/files/my file.pdf', file_name: 'my file.pdf' },
    ],
  ];
  it.each(FIELDS)(
    'brings %s to all sockets of both, with the same fields and the time',
    async (_, fields) => {
      const { a, b, alice, bob } = await pair();
      const [phone, tablet] = [await connected(a), await connected(b)];
      const sent = kamaFrame(a, b, fields);
      alice.send(sent);
      for (const socket of [alice, bob, phone, tablet])
        expect(await socket.type(fields.type)).toEqual({ ...sent, created_at: expect.stringMatching(TIME) });
      await alice.ask(kamaFrame(b, a, {}), isError);
      for (const socket of [bob, phone, tablet]) expect(socket.frames).toHaveLength(1);
    },
  );

  it('gives the time in UTC', async () => {
    const { a, b, alice } = await pair();
    const before = Date.now();
    const { created_at: time } = await alice.ask(kamaFrame(a, b, { content: 'x' }), ({ type }) => type === 0);
    const given = Date.parse(`${time.replace(' ', 'T')}Z`);
    expect(given).toBeGreaterThanOrEqual(before - 2000);
    expect(given).toBeLessThanOrEqual(Date.now() + 1000);
  });

  it('brings what is for a receiver with G to all members of that group', async () => {
    const [a, b, c] = [stage.name('a'), stage.name('b'), stage.name('c')];
    const group = await stage.group([a, b], { id: `G${stage.name('roup')}` });
    const [alice, bob, carol] = [await connected(a), await connected(b), await connected(c)];
    const sent = kamaFrame(a, group, { content: 'all' });
    alice.send(sent);
    for (const socket of [alice, bob])
      expect(await socket.type(0)).toEqual({ ...sent, created_at: expect.stringMatching(TIME) });
    expect(await carol.ask(kamaFrame(c, group, { content: 'me too' }), isError)).toEqual({
      code: 404,
      msg: expect.any(String),
      data: null,
    });
    expect(carol.frames).toHaveLength(1);
  });

  it('refuses the send_id of another, and goes on', async () => {
    const { a, b, alice, bob } = await pair();
    expect(await alice.ask(kamaFrame('mallory', b, { content: 'x' }), isError)).toMatchObject({ code: 403 });
    alice.send(kamaFrame(a, b, { content: 'honest' }));
    expect((await bob.type(0)).content).toBe('honest');
    expect(bob.frames).toHaveLength(1);
  });

  it('relays calls to the receiver alone, and stores nothing of them', async () => {
    const { a, b, alice, bob } = await pair();
    const tablet = await connected(b);
    const sent = kamaFrame(a, b, { type: 3, av_data: '{"messageId":"PROXY","type":"start_call"}' });
    alice.send(sent);
    for (const socket of [bob, tablet])
      expect(await socket.type(3)).toEqual({ ...sent, created_at: expect.stringMatching(TIME) });
    await alice.ask(kamaFrame(b, a, {}), isError);
    expect(alice.all(3)).toEqual([]);
    const native = await stage.native(b);
    const { messages } = await native.call('chat.history', { to: a });
    expect(messages).toEqual([]);
    expect(await alice.ask(kamaFrame(a, b, { type: 3 }), isError)).toMatchObject({ code: 400 });
  });

  it('pushes what was missed on connect, oldest first, and not again', async () => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const alice = await connected(a);
    for (const content of ['1', '2', '3'])
      await alice.ask(kamaFrame(a, b, { content }), (frame) => frame.content === content);
    const first = await stage.connect('kama', b);
    await first.frame(({ content }) => content === '3');
    expect(first.frames.map(({ content }) => content)).toEqual(['1', '2', '3']);
    await stage.delivered(b);
    await first.close();
    const again = await stage.connect('kama', b);
    alice.send(kamaFrame(a, b, { content: '4' }));
    await again.frame(({ content }) => content === '4');
    expect(again.frames.map(({ content }) => content)).toEqual(['4']);
  });

  it.each([
    { type: 0, content: 'short' },
    { type: 0, content: 'named', send_name: 'A', url: '' },
    { type: 1, url: '/v.ogg', av_data: '' },
  ])('adds no fields to %j', async (fields) => {
    const { a, b, alice, bob } = await pair();
    const sent = { ...fields, send_id: a, receive_id: b };
    alice.send(sent);
    for (const socket of [alice, bob])
      expect(await socket.type(fields.type)).toEqual({ ...sent, created_at: expect.stringMatching(TIME) });
  });

  it('is a chat like any other to native clients, and has all fields of what they send', async () => {
    const { a, b, alice } = await pair();
    const native = await stage.native(b);
    alice.send(
      kamaFrame(a, b, {
        type: 2,
        url: '/f/1',
        file_name: 'a.pdf',
        file_size: '2048',
        file_type: 'application/pdf',
      }),
    );
    const { data } = await native.frame(({ data: told }) => (told as ChatMessage | undefined)?.from === a);
    expect(data as ChatMessage).toMatchObject({
      from: a,
      to: b,
      kind: 'file',
      content: { url: '/f/1', name: 'a.pdf', mime: 'application/pdf', size: 2048 },
      meta: { session_id: 'S1', send_name: 'Somebody' },
    });
    const none = { session_id: '', send_name: '', send_avatar: '', created_at: expect.stringMatching(TIME) };
    await native.call('chat.send', { to: a, kind: 'text', content: 'hi' });
    expect(await alice.frame(({ content }) => content === 'hi')).toEqual(
      kamaFrame(b, a, { ...none, type: 0, content: 'hi' }),
    );
    const content = { url: '/f/2', name: 'b.png', mime: 'image/png', size: 7 };
    await native.call('chat.send', { to: a, kind: 'image', content });
    expect(await alice.frame(({ url }) => url === '/f/2')).toEqual(
      kamaFrame(b, a, {
        ...none,
        type: 2,
        url: '/f/2',
        file_name: 'b.png',
        file_type: 'image/png',
        file_size: '7',
      }),
    );
  });

  it.each([
    ['no JSON', '{'],
    ['no object', '[]'],
    ['no type', '{"receive_id":"b","content":"x"}'],
    ['an unknown type', '{"type":7,"receive_id":"b","content":"x"}'],
    ['a type that is text', '{"type":"0","receive_id":"b","content":"x"}'],
    ['no receiver', '{"type":0,"content":"x"}'],
    ['a receiver that is no text', '{"type":0,"receive_id":7,"content":"x"}'],
    ['no text', '{"type":0,"receive_id":"b"}'],
    ['a file without an address', '{"type":2,"receive_id":"b","url":""}'],
    ['an address that is none', '{"type":2,"receive_id":"b","url":"javascript:alert(1)"}'],
    ['a name that is no text', '{"type":0,"receive_id":"b","content":"x","send_name":{}}'],
    ['a call to a group', '{"type":3,"receive_id":"G1","av_data":"x"}'],
    ['a key that reaches for prototypes', '{"type":0,"receive_id":"b","content":"x","a":{"__proto__":1}}'],
  ])('answers %s with code 400, and goes on', async (_, text) => {
    const { a, b, alice } = await pair();
    expect(await alice.ask(text, isError)).toEqual({ code: 400, msg: expect.any(String), data: null });
    await alice.ask(kamaFrame(a, b, { content: 'still here' }), ({ type }) => type === 0);
  });

  it('answers what is too large with 413 before it closes', async () => {
    const { a, b, alice } = await pair();
    alice.send(kamaFrame(a, b, { content: 'x'.repeat(70_000) }));
    expect((await alice.frame(isError)).code).toBe(413);
    expect(await alice.closed()).toBe(1009);
  });
});
