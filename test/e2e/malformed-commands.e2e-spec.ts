import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, ErrorData } from '@rookery/protocol';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

let server: TestServer;
let socket: RawSocket;
beforeAll(async () => {
  // Thousands of refusals on one connection, as fast as the machine is.
  server = await TestServer.start({ env: { WS_RATE_LIMIT: '1000000', WS_USER_RATE_LIMIT: '1000000' } });
  socket = await RawSocket.connect(server, 'alice', { token: tokenFor('alice', { role: 'admin' }) });
});
afterAll(async () => {
  socket.destroy();
  await server.stop();
});

type Data = Record<string, unknown>;

const NOT_TEXT: unknown[] = [7, 1.5, true, null, [], ['x'], {}, { toString: 'x' }];
const NOT_A_COUNT: unknown[] = ['1', '', 1.5, -1, true, null, [], [1], {}, 2 ** 53, 1e308, -0.5];
const NOT_A_SEQ = [...NOT_A_COUNT, 0];
const NOT_A_FLAG = ['true', 0, 1, null, [], {}];
const NOT_AN_ID = [...NOT_TEXT, '', ' a', 'a ', 'a\nb', 'a\u0000', 'a\u200bb', '\u202ea', 'x'.repeat(121)];
const NOT_A_CONVERSATION = [...NOT_TEXT, '', 'x'.repeat(256)];
const NOT_A_CLIENT_ID = [...NOT_TEXT, '', 'two words', 'ü', 'a\u0000', 'x'.repeat(65)];
const NOT_A_URL = [
  ...NOT_TEXT,
  '',
  'javascript:alert(1)',
  'data:text/html,x',
  '//evil.example',
  'ftp://x',
  'a b',
  'x',
  `/${'x'.repeat(2048)}`,
];

/** The fields of every command on a message. */
const ON_MESSAGE: Record<string, unknown[]> = {
  to: [...NOT_AN_ID, undefined],
  conversation: NOT_A_CONVERSATION,
  seq: [...NOT_A_SEQ, undefined],
  clientId: NOT_A_CLIENT_ID,
};

const NOT_META = [
  'x',
  7,
  true,
  null,
  [],
  { '': 1 },
  { x: 'x'.repeat(4096) },
  Object.fromEntries(Array.from({ length: 33 }, (_, n) => [`f${n}`, 1])),
];
const TOO_MANY = Array.from({ length: 1001 }, (_, n) => `u${n}`);
const NOT_SETTINGS = {
  name: [...NOT_TEXT, '', ' a', 'a ', 'a\nb', 'a\u0000', 'a\u2028b', 'x'.repeat(101)],
  visibility: [...NOT_TEXT, '', 'OPEN', 'secret'],
  avatar: NOT_A_URL.filter((url) => url !== ''),
  description: [...NOT_TEXT, 'x'.repeat(1001)],
  history: [...NOT_TEXT, '', 'none'],
  slowMode: [...NOT_A_COUNT, 86_401],
  muteAll: NOT_A_FLAG,
  requests: NOT_A_FLAG,
  invite: [...NOT_TEXT, '', 'owner'],
  pin: [...NOT_TEXT, '', 'owner'],
};
type Row = [string, string, Data, Record<string, unknown[]>];

/** A sound command, and for each of its fields what it must not be; `undefined` stands for leaving it out. */
const COMMANDS: [string, string, Data, Record<string, unknown[]>][] = [
  [
    'chat.send',
    'text',
    { to: 'bob', kind: 'text', content: 'x' },
    {
      to: [...NOT_AN_ID, undefined],
      conversation: NOT_A_CONVERSATION,
      kind: [...NOT_TEXT, undefined, '', 'TEXT', 'video', '__proto__', 'toString'],
      content: [...NOT_TEXT, undefined, ''],
      replyTo: NOT_A_SEQ,
      mentions: [...NOT_A_FLAG, 'bob', Array.from({ length: 101 }, () => 'u')].filter(
        (value) => !Array.isArray(value) || value.length,
      ),
      mentionAll: NOT_A_FLAG,
      meta: NOT_META,
      clientId: NOT_A_CLIENT_ID,
    },
  ],
  ...['image', 'file', 'voice'].map((kind): [string, string, Data, Record<string, unknown[]>] => [
    'chat.send',
    kind,
    { to: 'bob', kind, content: { url: '/files/1' } },
    { content: [undefined, null, 'x', 7, [], ['url']] },
  ]),
  ['chat.send', 'custom', { to: 'bob', kind: 'custom', content: {} }, { content: [undefined] }],
  ...['chat.read', 'chat.delivered'].map((type): [string, string, Data, Record<string, unknown[]>] => [
    type,
    '',
    { conversation: 'dm:alice:bob', seq: 1 },
    { conversation: [...NOT_A_CONVERSATION, undefined], seq: [...NOT_A_SEQ, undefined] },
  ]),
  [
    'chat.history',
    '',
    { to: 'bob' },
    {
      to: [...NOT_AN_ID, undefined],
      conversation: NOT_A_CONVERSATION,
      before: NOT_A_SEQ,
      after: NOT_A_COUNT,
      limit: [...NOT_A_SEQ, 201],
    },
  ],
  ['chat.sync', '', {}, { cursor: [...NOT_TEXT, '', 'x'.repeat(1025)], limit: [...NOT_A_SEQ, 201] }],
  ['chat.unread', '', {}, {}],
  [
    'search.messages',
    '',
    { query: 'x' },
    {
      query: [...NOT_TEXT, undefined, '', ' ', '*"()-+', 'x'.repeat(201)],
      conversation: NOT_A_CONVERSATION,
      from: NOT_AN_ID,
      kinds: [...NOT_A_FLAG, [], ['video'], 'text'],
      before: NOT_A_COUNT,
      after: NOT_A_COUNT,
      cursor: [...NOT_TEXT, '', 'x'.repeat(1025)],
      limit: [...NOT_A_SEQ, 51],
    },
  ],
  [
    'chat.settings',
    '',
    { conversation: 'dm:alice:bob' },
    {
      conversation: [...NOT_A_CONVERSATION, undefined],
      mutedUntil: NOT_A_COUNT.filter((value) => value !== null),
      pinned: NOT_A_FLAG,
      archived: NOT_A_FLAG,
    },
  ],
  [
    'chat.readers',
    '',
    { conversation: 'dm:alice:bob', seq: 1 },
    {
      conversation: [...NOT_A_CONVERSATION, undefined],
      seq: [...NOT_A_SEQ, undefined],
      cursor: [...NOT_TEXT, '', 'x'.repeat(1025)],
      limit: [...NOT_A_SEQ, 201],
    },
  ],
  ['chat.mentions', '', {}, { cursor: [...NOT_TEXT, '', 'x'.repeat(1025)], limit: [...NOT_A_SEQ, 201] }],
  [
    'chat.typing',
    '',
    { to: 'bob' },
    { to: [...NOT_AN_ID, undefined], conversation: NOT_A_CONVERSATION, active: NOT_A_FLAG },
  ],
  [
    'chat.broadcast',
    '',
    { kind: 'text', content: 'x' },
    {
      kind: [...NOT_TEXT, undefined, '', 'image', 'file'],
      content: [...NOT_TEXT, undefined, ''],
      meta: NOT_META,
    },
  ],
  [
    'call.offer',
    '',
    { to: 'bob', media: 'audio', payload: {} },
    {
      to: [...NOT_AN_ID, undefined],
      media: [...NOT_TEXT, undefined, '', 'film', '__proto__'],
      payload: [undefined],
    },
  ],
  ...['answer', 'candidate'].map((verb): [string, string, Data, Record<string, unknown[]>] => [
    `call.${verb}`,
    '',
    { call: 'c', payload: {} },
    { call: [...NOT_TEXT, undefined, '', 'x'.repeat(65)], payload: [undefined] },
  ]),
  ...['ringing', 'reject', 'hangup', 'resume'].map(
    (verb): [string, string, Data, Record<string, unknown[]>] => [
      `call.${verb}`,
      '',
      { call: 'c' },
      { call: [...NOT_TEXT, undefined, '', 'x'.repeat(65)] },
    ],
  ),
  ['call.reject', 'reason', { call: 'c' }, { reason: [...NOT_TEXT, '', 'timeout'] }],
  ['call.signal', '', { to: 'bob', payload: {} }, { to: [...NOT_AN_ID, undefined], payload: [undefined] }],
  [
    'contact.request',
    '',
    { to: 'bob' },
    {
      to: [...NOT_AN_ID, undefined],
      message: [...NOT_TEXT, 'x'.repeat(201), 'a\u0000b'],
    },
  ],
  ...['accept', 'decline', 'remove', 'block', 'unblock'].map(
    (verb): [string, string, Data, Record<string, unknown[]>] => [
      `contact.${verb}`,
      '',
      { user: 'bob' },
      { user: [...NOT_AN_ID, undefined] },
    ],
  ),
  [
    'contact.remark',
    '',
    { user: 'bob', remark: 'Bobby' },
    { user: [...NOT_AN_ID, undefined], remark: [...NOT_TEXT, undefined, 'x'.repeat(65), 'a\nb'] },
  ],
  [
    'contact.list',
    '',
    {},
    {
      view: [...NOT_TEXT, '', 'friends', '__proto__'],
      cursor: [...NOT_TEXT, '', 'x'.repeat(1025)],
      limit: [...NOT_A_SEQ, 201],
    },
  ],
  [
    'chat.edit',
    '',
    { to: 'bob', seq: 1, content: 'x' },
    { ...ON_MESSAGE, content: [...NOT_TEXT, undefined, ''] },
  ],
  ['chat.recall', '', { to: 'bob', seq: 1 }, ON_MESSAGE],
  [
    'chat.react',
    '',
    { to: 'bob', seq: 1, emoji: '👍' },
    {
      ...ON_MESSAGE,
      emoji: [...NOT_TEXT, undefined, '', ' ', 'a b', 'a\u0000', '\u202e', 'x'.repeat(33)],
      active: NOT_A_FLAG,
    },
  ],
  ['chat.pin', '', { to: 'bob', seq: 1 }, { ...ON_MESSAGE, active: NOT_A_FLAG }],
  [
    'chat.pins',
    '',
    { to: 'bob' },
    {
      to: [...NOT_AN_ID, undefined],
      conversation: NOT_A_CONVERSATION,
      before: NOT_A_SEQ,
      limit: [...NOT_A_SEQ, 201],
    },
  ],
  [
    'chat.hide',
    '',
    { to: 'bob', seqs: [1] },
    {
      to: [...NOT_AN_ID, undefined],
      conversation: NOT_A_CONVERSATION,
      seqs: [...NOT_A_FLAG, undefined, [0], ['1'], Array.from({ length: 101 }, (_, index) => index + 1)],
      clientId: NOT_A_CLIENT_ID,
    },
  ],
  [
    'chat.forward',
    '',
    { to: 'bob', from: { conversation: 'dm:alice:bob', seq: 1 } },
    {
      to: [...NOT_AN_ID, undefined],
      conversation: NOT_A_CONVERSATION,
      from: [
        ...NOT_TEXT,
        undefined,
        'dm:alice:bob',
        { conversation: 'dm:alice:bob' },
        { conversation: '', seq: 1 },
        { conversation: 'dm:alice:bob', seq: 0 },
        { conversation: 'dm:alice:bob', seq: 1, x: 1 },
      ],
      clientId: NOT_A_CLIENT_ID,
    },
  ],
  [
    'group.create',
    '',
    { name: 'Team', visibility: 'open' },
    {
      id: [...NOT_TEXT, '', 'a:b', ' a', 'a\nb', 'a\u200bb', 'x'.repeat(65)],
      ...NOT_SETTINGS,
      name: [...NOT_SETTINGS.name, undefined],
      visibility: [...NOT_SETTINGS.visibility, undefined],
      clientId: NOT_A_CLIENT_ID,
    },
  ],
  [
    'group.update',
    '',
    { conversation: 'team', name: 'Team' },
    { conversation: [...NOT_A_CONVERSATION, undefined], ...NOT_SETTINGS, clientId: NOT_A_CLIENT_ID },
  ],
  ['group.get', '', { conversation: 'team' }, { conversation: [...NOT_A_CONVERSATION, undefined] }],
  ...['join', 'leave', 'accept', 'decline', 'request', 'dissolve'].map((verb): Row => [
    `group.${verb}`,
    '',
    { conversation: 'team' },
    { conversation: [...NOT_A_CONVERSATION, undefined], clientId: NOT_A_CLIENT_ID },
  ]),
  ...['invite', 'approve', 'reject', 'remove', 'ban', 'unban', 'add'].map((verb): Row => [
    `group.${verb}`,
    '',
    { conversation: 'team', users: ['bob'] },
    {
      conversation: [...NOT_A_CONVERSATION, undefined],
      users: [
        ...NOT_TEXT.filter((value) => !Array.isArray(value)),
        'bob',
        undefined,
        [],
        ['bob', 'bob'],
        ...NOT_AN_ID.map((id) => [id]),
        TOO_MANY,
      ],
      clientId: NOT_A_CLIENT_ID,
    },
  ]),
  ...['transfer', 'unmute', 'role', 'mute'].map((verb): Row => [
    `group.${verb}`,
    '',
    { conversation: 'team', user: 'bob', ...(verb === 'role' && { role: 'admin' }) },
    {
      conversation: [...NOT_A_CONVERSATION, undefined],
      user: [...NOT_AN_ID, undefined],
      ...(verb === 'role' && { role: [...NOT_TEXT, undefined, '', 'Admin', '__proto__'] }),
      ...(verb === 'mute' && { until: NOT_A_SEQ }),
      clientId: NOT_A_CLIENT_ID,
    },
  ]),
  [
    'group.members',
    '',
    { conversation: 'team' },
    {
      conversation: [...NOT_A_CONVERSATION, undefined],
      relation: [...NOT_TEXT, '', 'past', 'none'],
      prefix: [...NOT_TEXT, '', 'a\u0000', 'x'.repeat(121)],
      cursor: NOT_AN_ID,
      limit: [...NOT_A_SEQ, 201],
    },
  ],
  [
    'group.list',
    '',
    {},
    { relation: [...NOT_TEXT, '', 'banned'], cursor: [...NOT_TEXT, '', 'a:b'], limit: [...NOT_A_SEQ, 201] },
  ],
  [
    'notification.send',
    '',
    { to: 'bob', type: 'news', content: {} },
    {
      to: [...NOT_AN_ID, undefined],
      type: [...NOT_TEXT, undefined, '', 'two words', 'x'.repeat(65)],
      content: [undefined],
      template: [...NOT_TEXT, '', {}, { name: '' }, { name: 'two words' }, { name: 'x', data: 1 }],
      clientId: NOT_A_CLIENT_ID,
    },
  ],
  [
    'notification.schedule',
    '',
    { type: 'news', content: {}, at: 8e12 },
    {
      to: NOT_AN_ID,
      type: [...NOT_TEXT, undefined, '', 'two words', 'x'.repeat(65)],
      content: [undefined],
      template: [...NOT_TEXT, '', {}, { name: '' }],
      at: [...NOT_A_COUNT, undefined],
      audience: [...NOT_TEXT, 'everybody', { users: [] }],
      clientId: NOT_A_CLIENT_ID,
    },
  ],
  [
    'notification.cancel',
    '',
    { id: '01890a5d-ac96-774b-bcce-b302099a8057' },
    { id: [...NOT_TEXT, undefined, '', 'x'] },
  ],
  [
    'notification.broadcast',
    '',
    { type: 'news', content: {} },
    {
      type: [...NOT_TEXT, undefined, '', 'two words', 'x'.repeat(65)],
      content: [undefined],
      clientId: NOT_A_CLIENT_ID,
      priority: [...NOT_TEXT, 'urgent', ''],
      expiresAt: [...NOT_A_COUNT, 1],
      audience: [
        ...NOT_TEXT,
        'everybody',
        { role: '' },
        { role: 'two words' },
        { group: 'dm:a:b' },
        { users: [] },
        { users: [''] },
        { users: Array.from({ length: 1001 }, (_, n) => `u${n}`) },
        { role: 'a', group: 'b' },
      ],
    },
  ],
  [
    'notification.list',
    '',
    {},
    { cursor: [...NOT_TEXT, '', 'x'.repeat(1025)], limit: [...NOT_A_SEQ, 201], unread: NOT_A_FLAG },
  ],
  ...['notification.read', 'notification.delete'].map(
    (type): [string, string, Data, Record<string, unknown[]>] => [
      type,
      '',
      { ids: ['inbox:alice#1'] },
      {
        ids: [undefined, 'inbox:alice#1', [], [7], [''], Array.from({ length: 101 }, () => 'x')],
        seqs: [[], 7, [0], ['1'], [1.5], Array.from({ length: 101 }, () => 1)],
      },
    ],
  ),
  [
    'notification.locale',
    '',
    { locale: 'de' },
    { locale: [undefined, 7, true, '', 'x', 'de_DE', '../de', 'de-', 'x'.repeat(40)] },
  ],
  [
    'presence.set',
    '',
    { state: 'online' },
    {
      state: [...NOT_TEXT, '', 'offline', 'ONLINE', '__proto__'],
      status: [
        7,
        'x',
        true,
        [],
        {},
        { text: '' },
        { text: 'a\nb' },
        { text: 'x'.repeat(129) },
        { text: 'x', until: 1 },
        { text: 'x', expiresAt: 1 },
        ...NOT_A_COUNT.map((expiresAt) => ({ text: 'x', expiresAt })),
      ],
      device: NOT_A_FLAG,
    },
  ],
  [
    'presence.set',
    'device',
    { state: 'away', device: true },
    { state: [undefined, 'invisible'], status: [null] },
  ],
  ...['presence.get', 'presence.unsubscribe', 'presence.subscribe'].map(
    (type): [string, string, Data, Record<string, unknown[]>] => [
      type,
      '',
      { users: ['bob'] },
      {
        users: [
          ...NOT_TEXT,
          'bob',
          ...NOT_AN_ID.map((id) => [id]),
          Array.from({ length: 201 }, () => 'u'),
          ...(type === 'presence.subscribe' ? [undefined] : []),
        ].filter((value) => JSON.stringify(value) !== '["x"]'),
      },
    ],
  ),
  ...['presence.watch', 'presence.unwatch'].map((type): [string, string, Data, Record<string, unknown[]>] => [
    type,
    '',
    { group: 'g' },
    { group: [...NOT_A_CONVERSATION, undefined] },
  ]),
  [
    'presence.privacy',
    '',
    { online: 'contacts', lastSeen: 'nobody' },
    { online: [...NOT_TEXT, '', 'all', '__proto__'], lastSeen: [...NOT_TEXT, '', 'friends'] },
  ],
  [
    'push.register',
    '',
    { provider: 'webhook', token: 'x' },
    {
      provider: [...NOT_TEXT, undefined, '', 'Web Push', 'x'.repeat(33)],
      token: [undefined, 7, true, null, [], '', 'x'.repeat(4097)],
      device: [7, '', 'a b', 'x'.repeat(65)],
    },
  ],
  ['push.unregister', '', { id: '0'.repeat(64) }, { id: [...NOT_TEXT, undefined, '', 'x', 'G'.repeat(64)] }],
  [
    'auth',
    '',
    { token: 'x' },
    {
      token: [...NOT_TEXT, undefined, '', 'x'.repeat(8193)],
      device: [7, '', 'a b', 'x'.repeat(65)],
      platform: [7, 'a/b'],
      sync: ['pull', null, 1],
    },
  ],
];

const ALL_OPTIONAL = [
  'group.list',
  'contact.list',
  'chat.sync',
  'chat.unread',
  'chat.mentions',
  'notification.list',
  'presence.set',
  'presence.get',
  'presence.unsubscribe',
  'presence.privacy',
];

const refusalOf = async (type: string, data: unknown): Promise<ErrorData> => {
  const answer = await socket.answerTo(type, data);
  if (answer.type !== 'error') throw new Error(`Accepted: ${JSON.stringify({ type, data })}`);
  return answer.data as ErrorData;
};
const fieldsOf = ({ details = [] }: ErrorData): string[] => details.map(({ field }) => field);

describe.each(COMMANDS)('%s %s', (type, _kind, sound, fields) => {
  it.each(Object.entries(fields))('names a wrong %s', async (field, values) => {
    for (const value of values) {
      const refusal = await refusalOf(type, { ...sound, [field]: value });
      expect({ value, refusal }).toMatchObject({ value, refusal: { code: 'invalid', retryable: false } });
      expect([value, fieldsOf(refusal)]).toEqual([
        value,
        expect.arrayContaining([expect.stringMatching(`^${field}(\\.|$)`)]),
      ]);
    }
  });

  it('refuses a field that does not belong to it', async () => {
    const refusal = await refusalOf(type, { ...sound, wrong: 'canary-1', 'a canary': 1, '<canary>': 2 });
    expect(refusal).toMatchObject({
      code: 'invalid',
      details: [
        { field: 'wrong', message: 'Does not belong here' },
        { field: '', message: 'There are 2 fields that do not belong here' },
      ],
    });
    expect(JSON.stringify(refusal)).not.toContain('canary');
  });

  it.each([[undefined], [null], ['x'], [7], [true], [[]], [[sound]]])('refuses the data %j', async (data) => {
    // Whoever may leave out every field may leave out the data.
    if (ALL_OPTIONAL.includes(type) && data === undefined) return;
    expect(await refusalOf(type, data)).toMatchObject({ code: 'invalid', retryable: false });
  });
});

describe('the content of a media message', () => {
  it.each([
    ['url', [...NOT_A_URL, undefined]],
    ['name', [...NOT_TEXT, 'x'.repeat(256)]],
    ['mime', [...NOT_TEXT, 'x'.repeat(128)]],
    ['size', NOT_A_COUNT],
    ['width', NOT_A_COUNT],
    ['height', NOT_A_COUNT],
    ['duration', NOT_A_COUNT],
  ])('names a wrong %s', async (field, values) => {
    for (const value of values) {
      const content = { url: '/files/1', [field]: value };
      const refusal = await refusalOf('chat.send', { to: 'bob', kind: 'image', content });
      expect([value, fieldsOf(refusal)]).toEqual([value, [`content.${field}`]]);
    }
  });

  it('refuses a field that does not belong to it', async () => {
    const content = { url: '/files/1', onerror: 'alert(1)' };
    expect(fieldsOf(await refusalOf('chat.send', { to: 'bob', kind: 'image', content }))).toEqual([
      'content.onerror',
    ]);
  });
});

it('a number beyond all numbers is refused where any JSON may stand', async () => {
  socket.send('{"type":"chat.send","id":"huge","data":{"to":"bob","kind":"custom","content":{"n":1e999}}}');
  expect(await socket.frame(({ id }) => id === 'huge')).toMatchObject({
    type: 'error',
    data: { code: 'invalid' },
  });
});

it('no more than 16 wrong fields are named', async () => {
  const mentions = Array.from({ length: 50 }, () => 7);
  const refusal = await refusalOf('chat.send', { to: 'bob', kind: 'text', content: 'x', mentions });
  expect(refusal.details).toHaveLength(16);
});

it('two targets are one too many', async () => {
  for (const type of ['chat.history', 'chat.typing']) {
    expect(fieldsOf(await refusalOf(type, { to: 'bob', conversation: 'dm:alice:bob' }))).toEqual(['to']);
  }
});

describe('what looks like an attack and is text', () => {
  const TEXTS = [
    "'; DROP TABLE entries; --",
    '" OR ""="',
    "Robert'); DELETE FROM members WHERE ('1'='1",
    '{"$gt":""}',
    '{{7*7}} ${7*7} #{7*7} <%= 7*7 %>',
    '<script>alert(1)</script><img src=x onerror=alert(1)>',
    '\r\nSet-Cookie: admin=1\r\n\r\nHTTP/1.1 200 OK',
    '\u0000\u0001\u001b[31mred\u001b[0m',
    '../../../../etc/passwd',
    '%00%0d%0a%s%n%x',
    '$(rm -rf /) `id` ; cat /etc/passwd |',
    '\\\\ \\" \\u0000 \\x00',
    '\u202eabc\u2066\u200b\ufeff',
    '鴉 🐦‍⬛ 𝒳 👩‍👩‍👧‍👦 e\u0301 é ﷽',
    ' leading, trailing and inner  spaces ',
    '\n\t\r',
    'x'.repeat(60_000),
    '𝒳'.repeat(15_000),
  ];

  it.each(TEXTS.map((text) => [text.slice(0, 40), text]))(
    '%j comes out as it went in',
    async (_shown, text) => {
      const [ann, ben] = await Promise.all([
        RawClient.connect(server, 'ann'),
        RawClient.connect(server, 'ben'),
      ]);
      const { seq } = await ann.call('chat.send', { to: 'ben', kind: 'text', content: text });
      const live = await ben.frame(
        ({ type, data }) => type === 'chat.message' && (data as ChatMessage).seq === seq,
      );
      expect((live.data as ChatMessage).content).toBe(text);
      const custom = { [text.slice(0, 200)]: [text.slice(0, 200), null, -0.1, 1e21, { '': '' }] };
      await ann.call('chat.send', { to: 'ben', kind: 'custom', content: custom });
      const { messages } = await ben.call('chat.history', { to: 'ann', after: seq - 1 });
      expect(messages[0]).toMatchObject({ content: text });
      expect((messages[1] as ChatMessage).content).toEqual(custom);
      await Promise.all([ann.close(), ben.close()]);
    },
  );

  it('in a user id is a user of his own', async () => {
    const users = [
      'marrie',
      'märrie',
      'Marrie',
      'ma\u0308rrie',
      'Alpha2',
      'Alpha²',
      'a:b',
      'a%3Ab',
      "o'neil",
      '𝒳',
      '100%',
      'inbox',
    ];
    const clients = await Promise.all(users.map((user) => RawClient.connect(server, user)));
    const zed = await RawClient.connect(server, 'zed');
    const conversations = new Set<string>();
    for (const to of users)
      conversations.add(
        (await zed.call('chat.send', { to, kind: 'text', content: `for ${to}` })).conversation,
      );
    expect(conversations.size).toBe(users.length);
    for (const client of clients) {
      await client.event('chat.message');
      await client.call('ping');
      expect(client.dataOf<ChatMessage>('chat.message').map(({ content }) => content)).toEqual([
        `for ${client.user}`,
      ]);
      expect((await client.call('chat.sync', {})).conversations).toHaveLength(1);
    }
    await Promise.all([...clients, zed].map((client) => client.close()));
  });
});

it('nothing of it was a fault of the server', () => {
  expect(server.output).not.toMatch(/unhandled|uncaught|"level":[56]0/i);
});
