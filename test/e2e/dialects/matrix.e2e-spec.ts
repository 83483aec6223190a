import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatReceipt, Frame, Presence } from '@rookery/protocol';
import { DialectClient, USHER, type AnyFrame, type DialectName } from '../../support/dialect-client.js';
import { DialectStage } from '../../support/dialect-stage.js';
import { DialectTable } from '../../support/dialect-table.js';
import { RawClient } from '../../support/raw-client.js';
import { stores } from '../../support/stores.js';

type Format = DialectName | 'native';
const FORMATS: readonly Format[] = ['native', 'melody', 'skyeim', 'kama', 'gozero'];
const PAIRS = FORMATS.flatMap((from) => FORMATS.map((to) => [from, to] as const));
type Client = RawClient | DialectClient;

/** Milliseconds. */
const PATIENCE = { timeout: 15_000 };
const PRESENCE_WAIT = 30_000;
const table = new DialectTable();

/** What one user says to another, or to a group. */
interface Saying {
  /** Its row in docs/dialects.md. */
  row: string;
  kind: 'text' | 'image' | 'file' | 'voice' | 'custom' | 'typing' | 'broadcast' | 'signal';
  to: 'user' | 'group' | 'everybody';
}

const SAYINGS: readonly Saying[] = [
  { row: 'Text to a user', kind: 'text', to: 'user' },
  { row: 'Image to a user', kind: 'image', to: 'user' },
  { row: 'File to a user', kind: 'file', to: 'user' },
  { row: 'Voice message to a user', kind: 'voice', to: 'user' },
  { row: 'Custom message to a user', kind: 'custom', to: 'user' },
  { row: 'Text to a group', kind: 'text', to: 'group' },
  { row: 'Image to a group', kind: 'image', to: 'group' },
  { row: 'File to a group', kind: 'file', to: 'group' },
  { row: 'Voice message to a group', kind: 'voice', to: 'group' },
  { row: 'Custom message to a group', kind: 'custom', to: 'group' },
  { row: 'Typing', kind: 'typing', to: 'user' },
  { row: 'Call signal', kind: 'signal', to: 'user' },
  { row: 'What somebody tells everybody', kind: 'broadcast', to: 'everybody' },
];
const DELIVERED = 'Delivered';
const READ = 'Read';
const READ_IN_GROUP = 'Read in a group';
const PRESENCE = 'Presence';
const NOTIFICATION = 'Notification';
const ANNOUNCEMENT = 'Broadcast of an administrator';
const CHANGES = 'Edit, reaction, pin, recall';

/** The custom content, and how a call signal of a client that keeps calls itself looks. */
const CUSTOM = { move: 'e4' };
const SIGNAL = { av_data: 'offer', send_id: '', receive_id: '' };

const contentOf = (kind: Saying['kind'], row: string): string =>
  kind === 'text' || kind === 'broadcast' ? row : `https://example.com/${encodeURIComponent(row)}`;
const NUMBERS: Partial<Record<Saying['kind'], number>> = { text: 1, image: 2, file: 3, voice: 4 };

/** How a format says it, where the table has an `in`. */
const SAY: Record<Format, (saying: Saying, from: string, to: string) => AnyFrame> = {
  native: ({ kind, to: target, row }, from, to) => {
    const where = target === 'group' ? { conversation: to } : { to };
    if (kind === 'typing') return { type: 'chat.typing', id: row, data: where };
    if (kind === 'signal') {
      const payload = { ...SIGNAL, send_id: from, receive_id: to };
      return { type: 'call.signal', id: row, data: { to, payload } };
    }
    const said = contentOf(kind, row);
    if (kind === 'broadcast')
      return { type: 'chat.broadcast', id: row, data: { kind: 'text', content: said } };
    const content = kind === 'text' ? said : kind === 'custom' ? CUSTOM : { url: said };
    return { type: 'chat.send', id: row, data: { ...where, kind, content } };
  },
  melody: ({ kind, row, to: target }, _, to) => {
    if (kind === 'typing') return { type: 'typing', to };
    const content = kind === 'custom' ? CUSTOM : contentOf(kind, row);
    return { type: 'chat', ...(target !== 'everybody' && { to }), content };
  },
  skyeim: ({ kind, row }, _, toUserId) => ({
    type: 'chat',
    data: { toUserId, content: contentOf(kind, row), contentType: NUMBERS[kind] },
  }),
  kama: ({ kind, row }, _, to) => {
    if (kind === 'signal') return { type: 3, receive_id: to, av_data: SIGNAL.av_data };
    const type = kind === 'text' ? 0 : kind === 'voice' ? 1 : 2;
    return { type, receive_id: to, [kind === 'text' ? 'content' : 'url']: contentOf(kind, row) };
  },
  gozero: ({ kind, row }, _, group) => ({
    type: 'send_message',
    message_id: row,
    data: { group_id: group, msg_type: NUMBERS[kind], content: contentOf(kind, row) },
  }),
};

const some = (type: unknown): unknown => expect.any(type as never);

/** How a format shows it, where the table has an `out`. */
const SHOWN: Record<Format, (saying: Saying, from: string, to: string) => unknown> = {
  native: ({ kind, row, to: target }, from, to) => {
    const said = contentOf(kind, row);
    if (kind === 'typing')
      return expect.objectContaining({
        type: 'chat.typing',
        data: { conversation: some(String), from, active: true },
      });
    const content = kind === 'text' || kind === 'broadcast' ? said : undefined;
    const data =
      kind === 'signal'
        ? { from, payload: expect.objectContaining({ av_data: SIGNAL.av_data }) }
        : {
            from,
            ...(target === 'user' && { to }),
            ...(target === 'group' && { conversation: to }),
            kind: kind === 'broadcast' ? 'text' : kind,
            content: content ?? (kind === 'custom' ? CUSTOM : { url: said }),
          };
    const type = { signal: 'call.signal', broadcast: 'chat.broadcast' }[kind as string] ?? 'chat.message';
    return expect.objectContaining({ type, data: expect.objectContaining(data) });
  },
  melody: ({ kind, row, to: target }, from, to) => {
    if (kind === 'typing') return { type: 'typing', from, to };
    const said = contentOf(kind, row);
    const content =
      kind === 'text' || kind === 'broadcast' ? said : kind === 'custom' ? CUSTOM : { url: said };
    return { type: 'chat', from, ...(target === 'user' && { to }), content };
  },
  skyeim: ({ kind, row }, fromUserId, toUserId) => ({
    type: 'chat',
    data: {
      msgId: some(String),
      fromUserId,
      toUserId,
      content: contentOf(kind, row),
      contentType: NUMBERS[kind],
      createdAt: some(Number),
    },
  }),
  kama: ({ kind, row }, from, to) => {
    const own =
      kind === 'signal'
        ? { type: 3, av_data: SIGNAL.av_data }
        : kind === 'text'
          ? { type: 0, content: contentOf(kind, row) }
          : { type: kind === 'voice' ? 1 : 2, url: contentOf(kind, row) };
    return expect.objectContaining({ ...own, send_id: from, receive_id: to, created_at: some(String) });
  },
  gozero: ({ kind, row }, from, group) => ({
    type: 'new_message',
    message_id: some(String),
    timestamp: some(Number),
    data: {
      group_id: group,
      message_id: some(String),
      sender_id: from,
      msg_type: NUMBERS[kind],
      content: contentOf(kind, row),
      timestamp: some(Number),
    },
  }),
};

/** Events that the native client is here to see; the others are about connections. */
const SEEN = new Set(['chat.message', 'chat.typing', 'chat.broadcast', 'call.signal']);

const send = (client: Client, frame: AnyFrame): void =>
  client instanceof DialectClient ? client.send(frame) : client.sendFrame(frame);

/** What a native client was shown, but for what only says that everything before it is there. */
const seenBy = ({ frames }: RawClient): Frame[] =>
  frames.filter(({ type, data }) => SEEN.has(type) && isReal(data as AnyFrame));
const isReal = ({ from, active }: AnyFrame): boolean => from !== USHER && active !== false;

it('the table of docs/dialects.md has no row that is not tried here', () => {
  const rows = [
    ...SAYINGS.map(({ row }) => row),
    DELIVERED,
    READ,
    READ_IN_GROUP,
    PRESENCE,
    NOTIFICATION,
    ANNOUNCEMENT,
    CHANGES,
  ];
  expect(table.names.toSorted()).toEqual(rows.toSorted());
});

describe.each(stores())('users of all formats together, on $name', ({ open }) => {
  let stage: DialectStage;
  beforeAll(async () => {
    stage = await DialectStage.open(await open());
  });
  afterEach(() => stage.disconnectAll());
  afterAll(() => stage.close());

  const connect = async (format: Format, user: string): Promise<Client> => {
    if (format === 'native') {
      const client = await stage.native(user);
      await client.event('chat.synced');
      return client;
    }
    const client = await stage.connect(format, user);
    await stage.caughtUp(client, format);
    return client;
  };
  /** A device of the user that sees all there is, and says what his dialect cannot. */
  const nativeOf = (user: string): Promise<RawClient> => stage.native(user, { query: { sync: 'self' } });
  const shownTo = async (client: Client, format: Format): Promise<unknown[]> => {
    if (client instanceof RawClient) {
      await client.until(() => seenBy(client).length >= SAYINGS.length);
      return seenBy(client);
    }
    await stage.fence(client, format as DialectName);
    return client.frames;
  };

  it.each(PAIRS)('%s says to %s what it can, and is shown as it can be', async (from, to) => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const group = await stage.group([a, b], { id: `G${stage.name('roup')}` });
    const [alice, bob] = [await connect(from, a), await connect(to, b)];
    const [helper, witness] = [await nativeOf(a), await nativeOf(b)];
    for (const [index, saying] of SAYINGS.entries()) {
      const [speaker, format] = table.can(from, 'in', saying.row)
        ? [alice, from]
        : [helper, 'native' as const];
      send(speaker, SAY[format](saying, a, saying.to === 'group' ? group : b));
      await witness.until(() => seenBy(witness).length > index);
    }
    const placeOf = ({ to: target }: Saying): string => (target === 'group' ? group : b);
    expect(seenBy(witness)).toEqual(SAYINGS.map((saying) => SHOWN.native(saying, a, placeOf(saying))));
    const visible = SAYINGS.filter(({ row }) => table.can(to, 'out', row));
    expect(await shownTo(bob, to)).toEqual(visible.map((saying) => SHOWN[to](saying, a, placeOf(saying))));
  });

  it.each(PAIRS)('%s learns that %s has it, and has read it', async (from, to) => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const text = SAYINGS[0] as Saying;
    const [alice, bob] = [await connect(from, a), await connect(to, b)];
    const [watch, helper] = [await nativeOf(a), await nativeOf(b)];
    const [speaker, format] = table.can(from, 'in', text.row) ? [alice, from] : [watch, 'native' as const];
    send(speaker, SAY[format](text, a, b));
    const { data } = await helper.frame(({ type }) => type === 'chat.message');
    const { conversation, seq, clientId } = data as { conversation: string; seq: number; clientId: string };
    const receipt = (kind: string): ChatReceipt =>
      ({ conversation, user: b, kind, seq }) as unknown as ChatReceipt;
    const told = (kind: string): Promise<void> =>
      watch.until(() => watch.dataOf<ChatReceipt>('chat.receipt').some((each) => each.kind === kind));

    if (to === 'native')
      (bob as RawClient).sendFrame({ type: 'chat.delivered', data: { conversation, seq } });
    else if (!table.can(to, 'in', DELIVERED)) await helper.call('chat.delivered', { conversation, seq });
    await told('delivered');
    if (to === 'skyeim') send(bob, { type: 'read', data: { peerId: a, msgIds: [clientId] } });
    else await (to === 'native' ? (bob as RawClient) : helper).call('chat.read', { conversation, seq });
    expect(table.can(to, 'in', READ)).toBe(to === 'skyeim' || to === 'native');
    await told('read');
    expect(watch.dataOf('chat.receipt')).toEqual([receipt('delivered'), receipt('read')]);

    const both = [receipt('delivered'), receipt('read')];
    const ofSkyeim = ['sent', 'delivered'].map((status) => ({
      type: 'ack',
      data: { msgId: clientId, status, timestamp: expect.any(Number) },
    }));
    const expected: Record<Format, unknown[]> = {
      native: both.map((each) => ({ type: 'chat.receipt', data: each })),
      melody: [],
      skyeim: [...ofSkyeim, { type: 'read', data: { peerId: b, msgIds: [clientId] } }],
      kama: [expect.objectContaining({ send_id: a, content: text.row })],
      // What was sent on another device of the user: direct chats are not shown.
      gozero: [],
    };
    if (alice instanceof DialectClient) await stage.fence(alice, from as DialectName);
    else await alice.until(() => alice.dataOf('chat.receipt').length === both.length);
    const answers = (alice.frames as AnyFrame[]).filter(
      ({ type }) => from !== 'native' || type === 'chat.receipt',
    );
    expect(answers).toEqual(expected[from]);
    const canTell = from === 'skyeim' || from === 'native';
    expect([table.can(from, 'out', DELIVERED), table.can(from, 'out', READ)]).toEqual([canTell, canTell]);
  });

  it.each(FORMATS)('%s reads in a group, and nobody but its own devices is told', async (format) => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const group = await stage.group([a, b], { id: `G${stage.name('roup')}` });
    const [writer, reader] = [await nativeOf(a), await connect(format, b)];
    const own = await nativeOf(b);
    const { seq } = await writer.call('chat.send', {
      conversation: group,
      kind: 'text',
      content: 'x',
      clientId: 'c',
    });
    const mark = { group_id: group, message_id: 'c' };
    expect(table.can(format, 'in', READ_IN_GROUP)).toBe(format === 'gozero' || format === 'native');
    if (format === 'gozero') {
      await (reader as DialectClient).type('new_message');
      send(reader, { type: 'mark_read', message_id: 1, data: mark });
    } else await own.call('chat.read', { conversation: group, seq });
    const readOf = async (): Promise<number | undefined> =>
      (await own.call('chat.sync', {})).conversations.find(({ conversation }) => conversation === group)
        ?.read;
    await expect.poll(readOf, PATIENCE).toBe(seq);
    await writer.call('ping');
    expect(writer.dataOf('chat.receipt')).toEqual([]);
    expect(table.can(format, 'out', READ_IN_GROUP)).toBe(format === 'native');
  });

  it('whoever may see a user is told that he comes and goes, over all pairs', async () => {
    const statesOf = (client: RawClient, user: string): string[] =>
      client
        .dataOf<{ users: Presence[] }>('presence.changed')
        .flatMap(({ users }) => users.filter((each) => each.user === user).map(({ state }) => state));
    const told = PAIRS.map(async ([from, to]) => {
      const [a, b] = [stage.name('a'), stage.name('b')];
      await stage.link(a, b);
      const [alice, watcher] = [await connect(from, a), await nativeOf(a)];
      const bob = await connect(to, b);
      await watcher.until(() => statesOf(watcher, b).at(-1) === 'online', PRESENCE_WAIT);
      await bob.close();
      await watcher.until(() => statesOf(watcher, b).at(-1) === 'offline', PRESENCE_WAIT);
      if (alice instanceof RawClient) {
        await alice.until(() => statesOf(alice, b).at(-1) === 'offline', PRESENCE_WAIT);
        return [`${from} of ${to}`, statesOf(alice, b)];
      }
      // Both connections of a user are told at the same time, but not in the same moment.
      if (table.can(from, 'out', PRESENCE)) await alice.type('offline');
      await stage.fence(alice, from as DialectName);
      return [`${from} of ${to}`, alice.frames.map(({ type, data }) => [type, data?.userId === b])];
    });
    const forms: Record<Format, unknown[]> = {
      native: ['online', 'offline'],
      melody: [],
      skyeim: [
        ['online', true],
        ['offline', true],
      ],
      kama: [],
      gozero: [],
    };
    expect(Object.fromEntries(await Promise.all(told))).toEqual(
      Object.fromEntries(PAIRS.map(([from, to]) => [`${from} of ${to}`, forms[from]])),
    );
    for (const format of FORMATS)
      expect([table.can(format, 'in', PRESENCE), table.can(format, 'out', PRESENCE)]).toEqual([
        true,
        forms[format].length > 0,
      ]);
  });

  it.each(FORMATS)('%s is shown notifications and broadcasts, where it can be', async (format) => {
    const b = stage.name('b');
    const client = await connect(format, b);
    const rows = [NOTIFICATION, ANNOUNCEMENT];
    await stage.post('/api/ws/send', { type: 'order_status', to: b, content: { id: 7 } });
    await stage.post('/api/ws/broadcast', { type: 'maintenance', content: 'tonight' });
    if (client instanceof RawClient) {
      await client.until(() => client.dataOf('notification.message').length === rows.length);
      return;
    }
    await stage.fence(client, format as DialectName);
    const contents = [
      { type: 'order_status', content: { id: 7 } },
      { type: 'maintenance', content: 'tonight' },
    ];
    const shown: Record<DialectName, unknown[]> = {
      melody: contents,
      skyeim: [],
      kama: [],
      gozero: contents.map((content) => ({
        type: 'notification',
        message_id: expect.any(String),
        timestamp: expect.any(Number),
        data: { ...content, timestamp: expect.any(Number) },
      })),
    };
    await client.until(() => client.frames.length === shown[format as DialectName].length);
    expect(client.frames).toEqual(shown[format as DialectName]);
    for (const row of rows)
      expect(table.can(format, 'out', row)).toBe(shown[format as DialectName].length > 0);
  });

  it.each(FORMATS)('%s is shown a message as it was sent, and no change of it', async (format) => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const group = await stage.group([a, b], { id: `G${stage.name('roup')}` });
    const [client, writer] = [await connect(format, b), await nativeOf(a)];
    for (const target of [{ to: b }, { conversation: group }]) {
      const content = 'as it was sent';
      const { conversation, seq } = await writer.call('chat.send', { ...target, kind: 'text', content });
      await writer.call('chat.edit', { conversation, seq, content: 'as it is now' });
      await writer.call('chat.react', { conversation, seq, emoji: '👍' });
      await writer.call('chat.pin', { conversation, seq });
      await writer.call('chat.recall', { conversation, seq });
    }
    if (format === 'native') return;
    const rows = ['Text to a user', 'Text to a group'];
    const shown = SAYINGS.filter(({ row }) => rows.includes(row) && table.can(format, 'out', row));
    await stage.fence(client as DialectClient, format);
    expect(JSON.stringify(client.frames).match(/as it was sent/g)).toHaveLength(shown.length);
    expect(client.frames).toHaveLength(shown.length);
    expect(table.can(format, 'out', CHANGES)).toBe(false);
  });
});
