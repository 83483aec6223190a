import { describe, expect, it } from 'vitest';
import type { ChatMessage, ConversationState } from '@rookery/protocol';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { stores } from '../support/stores.js';
import { useServer } from '../support/use-server.js';

describe.each(stores())('what is unread, on $name', ({ open }) => {
  const stage = useServer({ open });

  const connect = async (user: string, claims = {}): Promise<RawClient> => {
    return stage.connect(user, { token: tokenFor(user, claims) });
  };
  const say = (from: RawClient, to: string, content: string, more: object = {}) =>
    from.call('chat.send', { to, kind: 'text', content, ...more });
  const listOf = async (client: RawClient): Promise<ConversationState[]> =>
    (await client.call('chat.sync', {})).conversations;
  const countsOf = async (client: RawClient) =>
    Object.fromEntries(
      (await listOf(client)).map(({ conversation, unread, mentions }) => [conversation, [unread, mentions]]),
    );

  it('is counted per conversation from the read mark, without what the user sent himself', async () => {
    const [ann, ben, cleo] = await Promise.all(['ann', 'ben', 'cleo'].map((user) => connect(user)));
    for (const content of ['1', '2', '3']) await say(ann!, 'ben', content);
    await say(ben!, 'ann', '4');
    await say(ann!, 'ben', '5', { mentions: ['ben', 'ben', 'ann', 'cleo'] });
    await say(cleo!, 'ben', '1');
    expect(await countsOf(ben!)).toEqual({ 'dm:ann:ben': [4, 1], 'dm:ben:cleo': [1, 0] });
    expect(await countsOf(ann!)).toEqual({ 'dm:ann:ben': [1, 0] });
    expect(await countsOf(cleo!)).toEqual({ 'dm:ben:cleo': [0, 0] });
    expect(await ben!.call('chat.unread', {})).toEqual({ messages: 5, mentions: 1, conversations: 2 });

    await ben!.call('chat.read', { conversation: 'dm:ann:ben', seq: 3 });
    expect(await countsOf(ben!)).toEqual({ 'dm:ann:ben': [1, 1], 'dm:ben:cleo': [1, 0] });
    await ben!.call('chat.read', { conversation: 'dm:ann:ben', seq: 5 });
    expect(await countsOf(ben!)).toEqual({ 'dm:ann:ben': [0, 0], 'dm:ben:cleo': [1, 0] });
    expect(await ben!.call('chat.unread', {})).toEqual({ messages: 1, mentions: 0, conversations: 1 });
  });

  it('is shown over REST alike', async () => {
    const [dan, eve] = [await connect('dan'), await connect('eve')];
    await say(dan, 'eve', 'hello', { mentions: ['eve'] });
    const headers = { Authorization: `Bearer ${tokenFor('eve')}` };
    const answer = await fetch(`${stage.server.url}/api/v1/conversations`, { headers });
    expect(await answer.json()).toEqual({ conversations: await listOf(eve), next: null });
    expect(await listOf(eve)).toMatchObject([{ conversation: 'dm:dan:eve', unread: 1, mentions: 1 }]);
  });

  it('counts notifications, those for everybody too', async () => {
    const [root, fay] = [await connect('root', { role: 'admin' }), await connect('fay')];
    await listOf(fay);
    for (const n of [1, 2]) await root.call('notification.send', { to: 'fay', type: 'order', content: n });
    await root.call('notification.broadcast', { type: 'news', content: 1 });
    expect(await countsOf(fay)).toEqual({ 'inbox:fay': [2, 0], 'broadcast:all': [1, 0] });
    await fay.call('chat.read', { conversation: 'broadcast:all', seq: 1 });
    expect(await fay.call('chat.unread', {})).toEqual({ messages: 2, mentions: 0, conversations: 1 });
  });

  it('stops counting at 1,000', async () => {
    const [gil, hal] = [await connect('gil'), await connect('hal')];
    const countOf = async () => (await countsOf(hal))['dm:gil:hal'];
    await say(hal, 'gil', 'mine does not count');
    await Promise.all(Array.from({ length: 998 }, (_, n) => say(gil, 'hal', String(n))));
    expect(await countOf()).toEqual([998, 0]);
    await say(gil, 'hal', 'the 999th');
    expect(await countOf()).toEqual([999, 0]);
    await say(gil, 'hal', 'too many');
    expect(await countOf()).toEqual([1000, 0]);
    await Promise.all(Array.from({ length: 500 }, (_, n) => say(gil, 'hal', `more ${n}`)));
    expect(await countOf()).toEqual([1000, 0]);
  });

  it('lists the messages that mention somebody, in pages, the newest first', async () => {
    const [ida, jon, kim] = await Promise.all(['ida', 'jon', 'kim'].map((user) => connect(user)));
    const sent: string[] = [];
    for (const [from, n] of [
      [ida!, 1],
      [kim!, 2],
      [ida!, 3],
      [ida!, 4],
      [kim!, 5],
    ] as const) {
      sent.unshift((await say(from, 'jon', `@jon ${n}`, { mentions: ['jon'] })).id);
      await say(from, 'jon', 'no mention');
    }
    await say(jon!, 'ida', 'I mention myself', { mentions: ['jon'] });
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await jon!.call('chat.mentions', { cursor, limit: 2 });
      expect(page.messages.length).toBeLessThanOrEqual(2);
      seen.push(...page.messages.map(({ id }) => id));
      cursor = page.next ?? undefined;
    } while (cursor);
    expect([...seen].sort()).toEqual([...sent].sort());
    const { messages } = await jon!.call('chat.mentions', {});
    expect(messages.map(({ time }) => time)).toEqual(messages.map(({ time }) => time).sort((a, b) => b - a));
    expect(messages[0]).toMatchObject({
      event: 'chat.message',
      mentions: ['jon'],
    } satisfies Partial<ChatMessage> & {
      event: string;
    });
    expect(await ida!.call('chat.mentions', {})).toEqual({ messages: [], next: null });
  });

  it('counts no mention in what was recalled, and nothing that the user has hidden', async () => {
    const [una, vic] = [await connect('una'), await connect('vic')];
    const { conversation } = await say(una, 'vic', 'one', { mentions: ['vic'] });
    await say(una, 'vic', 'two', { mentions: ['vic'] });
    await say(una, 'vic', 'three', { mentions: ['vic'] });
    await una.call('chat.recall', { conversation, seq: 1 });
    await vic.call('chat.hide', { conversation, seqs: [2] });
    expect((await countsOf(vic))[conversation]).toEqual([2, 1]);
    const { messages } = await vic.call('chat.mentions', {});
    expect(messages.map(({ seq }) => seq)).toEqual([3]);
  });

  it('refuses to mention all where there are two', async () => {
    const lea = await connect('lea');
    await expect(say(lea, 'mia', 'hi', { mentionAll: true })).rejects.toMatchObject({
      data: { code: 'invalid', details: [{ field: 'mentionAll' }] },
    });
  });

  it('refuses a cursor that it did not give', async () => {
    const lea = await connect('lea');
    await expect(lea.call('chat.mentions', { cursor: 'x' })).rejects.toMatchObject({
      data: { code: 'invalid', details: [{ field: 'cursor' }] },
    });
  });
});
