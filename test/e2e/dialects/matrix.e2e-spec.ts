import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, ChatReceipt } from '@rookery/protocol';
import { DialectClient, USHER, type AnyFrame, type DialectName } from '../../support/dialect-client.js';
import { DialectStage } from '../../support/dialect-stage.js';
import type { RawClient } from '../../support/raw-client.js';
import { stores } from '../../support/stores.js';

type Format = DialectName | 'native';
const FORMATS: readonly Format[] = ['native', 'melody', 'skyeim', 'kama', 'gozero'];
type Client = RawClient | DialectClient;

const URL = 'https://example.com/a.pdf';

/** What a format shows of a message: who wrote it, to whom, and what; undefined: this frame is no message. */
const SHOWN: Record<Format, (frame: AnyFrame) => unknown[] | undefined> = {
  native: ({ type, data }) => {
    if (type !== 'chat.message') return undefined;
    const { from, to, conversation, content } = data as ChatMessage;
    return [from, to ?? conversation, typeof content === 'string' ? content : (content as AnyFrame).url];
  },
  melody: ({ type, from, to, content }) =>
    type === 'chat' ? [from, to, content?.url ?? content] : undefined,
  skyeim: ({ type, data }) => (type === 'chat' ? [data.fromUserId, data.toUserId, data.content] : undefined),
  kama: ({ created_at: time, send_id: from, receive_id: to, content, url }) =>
    time ? [from, to, url || content] : undefined,
  gozero: ({ type, data }) =>
    type === 'new_message' ? [data.sender_id, data.group_id, data.content] : undefined,
};

const native = (kind: string, target: object, content: string) => ({
  type: 'chat.send',
  id: content,
  data: { ...target, kind, content: kind === 'text' ? content : { url: content } },
});

/** How a format sends to a user; undefined: it cannot. */
const TO_USER: Record<
  Format,
  ((to: string, kind: 'text' | 'file', content: string) => AnyFrame) | undefined
> = {
  native: (to, kind, content) => native(kind, { to }, content),
  melody: (to, _, content) => ({ type: 'chat', to, content }),
  skyeim: (toUserId, kind, content) => ({
    type: 'chat',
    data: { toUserId, content, contentType: kind === 'text' ? 1 : 3 },
  }),
  kama: (to, kind, content) => ({
    type: kind === 'text' ? 0 : 2,
    receive_id: to,
    content: kind === 'text' ? content : '',
    url: kind === 'text' ? '' : content,
  }),
  gozero: undefined,
};

const TO_GROUP: Partial<Record<Format, (group: string, content: string) => AnyFrame>> = {
  native: (conversation, content) => native('text', { conversation }, content),
  kama: (group, content) => ({ type: 0, receive_id: group, content }),
  gozero: (group, content) => ({
    type: 'send_message',
    message_id: content,
    data: { group_id: group, msg_type: 1, content },
  }),
};

const PAIRS = FORMATS.flatMap((from) => FORMATS.map((to) => [from, to] as const));

describe.each(stores())('users of all formats together, on $name', ({ open }) => {
  let stage: DialectStage;
  beforeAll(async () => {
    stage = await DialectStage.open(await open());
  });
  afterEach(() => stage.disconnectAll());
  afterAll(() => stage.close());

  const connect = async (format: Format, user: string): Promise<Client> => {
    if (format === 'native') return stage.native(user);
    const client = await stage.connect(format, user);
    await stage.caughtUp(client, format);
    return client;
  };
  const send = (client: Client, frame: AnyFrame): void =>
    client instanceof DialectClient ? client.send(frame) : client.sendFrame(frame);
  const shownTo = (client: Client, format: Format): unknown[][] =>
    (client.frames as AnyFrame[]).flatMap((frame) => {
      const shown = SHOWN[format](frame);
      return shown ? [shown] : [];
    });
  /** Who wrote what a native client has been brought. */
  const seenBy = (client: RawClient): string[] =>
    client
      .dataOf<ChatMessage>('chat.message')
      .map(({ from }) => from)
      .filter((from) => from !== USHER);
  /** Resolves, when a content has come, with all that was shown. */
  const untilShown = async (client: Client, format: Format, content: string): Promise<unknown[][]> => {
    await client.until(() => shownTo(client, format).some(([, , shown]) => shown === content));
    return shownTo(client, format);
  };

  it.each(PAIRS)('%s writes text and files to %s', async (from, to) => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const [alice, bob] = [await connect(from, a), await connect(to, b)];
    const write = TO_USER[from];
    // A format without direct messages neither sends nor shows any; a witness tells that there was one.
    const witness = await stage.native(b);
    const sent = write ? [write(b, 'text', 'hello'), write(b, 'file', URL)] : [];
    for (const frame of sent) send(alice, frame);
    await witness.until(() => seenBy(witness).length === sent.length);
    const expected = [
      [a, b, 'hello'],
      [a, b, URL],
    ].slice(0, sent.length);
    expect(seenBy(witness)).toEqual(sent.map(() => a));
    const isShown = to !== 'gozero';
    if (isShown && sent.length > 0) await untilShown(bob, to, URL);
    expect(shownTo(bob, to)).toEqual(isShown ? expected : []);
  });

  it.each(PAIRS)('%s writes to a group with %s', async (from, to) => {
    const [a, b] = [stage.name('a'), stage.name('b')];
    const group = await stage.group([a, b]);
    const [alice, bob, witness] = [await connect(from, a), await connect(to, b), await stage.native(b)];
    const write = TO_GROUP[from];
    if (write) send(alice, write(group, 'to all'));
    else
      await (
        await stage.native(a)
      ).call('chat.send', { conversation: group, kind: 'text', content: 'to all' });
    await witness.event('chat.message');
    if (TO_GROUP[to]) await untilShown(bob, to, 'to all');
    expect(shownTo(bob, to)).toEqual(TO_GROUP[to] ? [[a, group, 'to all']] : []);
  });

  it.each(PAIRS.filter(([from, to]) => TO_USER[from] && to !== 'gozero'))(
    '%s learns that %s has it',
    async (from, to) => {
      const [a, b] = [stage.name('a'), stage.name('b')];
      const [alice, bob] = [await connect(from, a), await connect(to, b)];
      const watch = await stage.native(a);
      send(alice, (TO_USER[from] as NonNullable<(typeof TO_USER)['native']>)(b, 'text', 'hello'));
      await untilShown(bob, to, 'hello');
      if (to === 'native') {
        const [{ conversation, seq }] = (bob as RawClient).dataOf<ChatMessage>('chat.message') as [
          ChatMessage,
        ];
        (bob as RawClient).sendFrame({ type: 'chat.delivered', data: { conversation, seq } });
      }
      await watch.until(() => watch.dataOf<ChatReceipt>('chat.receipt').some(({ user }) => user === b));
      if (from === 'skyeim') await (alice as DialectClient).frame(({ data }) => data?.status === 'delivered');
      expect(watch.dataOf<ChatReceipt>('chat.receipt').find(({ user }) => user === b)).toMatchObject({
        kind: 'delivered',
        seq: 1,
      });
    },
  );
});
