import { describe, expect, it } from 'vitest';
import type { ChatMessage, ChatReceipt } from '@rookery/protocol';
import { TestServer } from '../support/server.js';
import { useServer } from '../support/use-server.js';

async function pagesRead({ url }: TestServer): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(/^rookery_catch_up_reads_total (\d+)/m.exec(metrics)?.[1]);
}

describe('chat between two users', () => {
  const stage = useServer();

  const { connect } = stage;
  const text = (to: string, content: string, clientId?: string) => ({
    to,
    kind: 'text' as const,
    content,
    ...(clientId && { clientId }),
  });

  it('stores, acknowledges and delivers a message', async () => {
    const [alice, bob] = [await connect('alice'), await connect('bob')];
    const ok = await alice.call('chat.send', text('bob', 'hello', 'c1'));
    expect(ok).toMatchObject({
      conversation: 'dm:alice:bob',
      seq: 1,
      id: 'dm:alice:bob#1',
      duplicate: false,
    });
    const { data } = await bob.event('chat.message');
    expect(data).toEqual({
      conversation: ok.conversation,
      seq: 1,
      id: ok.id,
      time: ok.time,
      from: 'alice',
      to: 'bob',
      kind: 'text',
      content: 'hello',
      clientId: 'c1',
    });
    expect(alice.dataOf('chat.message')).toEqual([]);
  });

  it('tells the sender how far the receiver has come', async () => {
    const [alice, bob] = [await connect('ann'), await connect('ben')];
    const { conversation } = await alice.call('chat.send', text('ben', 'one'));
    await alice.call('chat.send', text('ben', 'two'));
    await bob.until(() => bob.dataOf('chat.message').length === 2);
    await bob.call('chat.delivered', { conversation, seq: 2 });
    await bob.call('chat.read', { conversation, seq: 1 });
    await alice.until(() => alice.dataOf('chat.receipt').length === 2);
    expect(alice.dataOf<ChatReceipt>('chat.receipt')).toEqual([
      { conversation, user: 'ben', kind: 'delivered', seq: 2 },
      { conversation, user: 'ben', kind: 'read', seq: 1 },
    ]);
    await bob.call('chat.read', { conversation, seq: 1 });
    const { conversations } = await alice.call('chat.sync', {});
    expect(conversations).toMatchObject([
      { conversation, kind: 'direct', peer: 'ben', head: 2, peerDelivered: 2, peerRead: 1 },
    ]);
    expect(alice.dataOf('chat.receipt')).toHaveLength(2);
  });

  it('brings a message to every device of both users, and not back to the one that sent it', async () => {
    const [phone, laptop] = [
      await connect('carol', { query: { device: 'phone' } }),
      await connect('carol', { query: { device: 'laptop' } }),
    ];
    const [one, two] = [await connect('dave'), await connect('dave')];
    await phone.call('chat.send', text('dave', 'x'));
    await Promise.all([laptop, one, two].map((client) => client.event('chat.message')));
    await phone.call('ping');
    expect(phone.dataOf('chat.message')).toEqual([]);
  });

  it('pushes what was missed on connect, once per device, then says so', async () => {
    const erin = await connect('erin');
    for (const content of ['1', '2', '3']) await erin.call('chat.send', text('frank', content));
    const first = await connect('frank', { query: { device: 'd1' } });
    await first.event('chat.synced');
    expect(first.dataOf<ChatMessage>('chat.message').map(({ content }) => content)).toEqual(['1', '2', '3']);
    await first.call('chat.delivered', { conversation: 'dm:erin:frank', seq: 3 });
    await first.close();
    const again = await connect('frank', { query: { device: 'd1' } });
    await again.event('chat.synced');
    expect(again.dataOf('chat.message')).toEqual([]);
    const other = await connect('frank', { query: { device: 'd2' } });
    await other.event('chat.synced');
    expect(other.dataOf('chat.message')).toHaveLength(3);
  });

  it('does not bring a user what he sent himself, unless on another device', async () => {
    const phone = await connect('olga', { query: { device: 'phone' } });
    await phone.call('chat.send', text('pete', 'x'));
    const contents = async (query: Record<string, string>): Promise<unknown[]> => {
      const client = await connect('olga', { query });
      await client.event('chat.synced');
      return client.dataOf<ChatMessage>('chat.message').map(({ content }) => content);
    };
    expect(await contents({})).toEqual([]);
    expect(await contents({ device: 'phone' })).toEqual([]);
    expect(await contents({ device: 'laptop' })).toEqual(['x']);
  });

  it('looks through what one sent oneself only once', async () => {
    const bot = await connect('bot');
    for (let index = 0; index < 5; index++) await bot.call('chat.send', text('quinn', String(index)));
    const backlogReads = async (): Promise<number> => {
      const before = await pagesRead(stage.server);
      await (await connect('bot')).event('chat.synced');
      return (await pagesRead(stage.server)) - before;
    };
    expect(await backlogReads()).toBe(1);
    await expect.poll(backlogReads).toBe(0);
  });

  it('leaves syncing to a client that says so', async () => {
    const grace = await connect('grace');
    await grace.call('chat.send', text('heidi', 'x'));
    const heidi = await connect('heidi', { query: { sync: 'self' } });
    const { conversations } = await heidi.call('chat.sync', {});
    expect(conversations).toMatchObject([{ conversation: 'dm:grace:heidi', head: 1, delivered: 0, read: 0 }]);
    const history = await heidi.call('chat.history', { conversation: 'dm:grace:heidi', after: 0 });
    expect(history).toMatchObject({
      head: 1,
      more: false,
      messages: [{ event: 'chat.message', seq: 1, content: 'x' }],
    });
    expect(heidi.dataOf('chat.message')).toEqual([]);
    expect(heidi.dataOf('chat.synced')).toEqual([]);
  });

  it('pages through a history both ways', async () => {
    const ivan = await connect('ivan');
    for (let index = 1; index <= 7; index++) await ivan.call('chat.send', text('judy', String(index)));
    const page = async (range: object) => {
      const { messages, more } = await ivan.call('chat.history', { to: 'judy', limit: 3, ...range });
      return [messages.map(({ seq }) => seq), more];
    };
    expect(await page({})).toEqual([[5, 6, 7], true]);
    expect(await page({ before: 5 })).toEqual([[2, 3, 4], true]);
    expect(await page({ before: 2 })).toEqual([[1], false]);
    expect(await page({ after: 0 })).toEqual([[1, 2, 3], true]);
    expect(await page({ after: 4 })).toEqual([[5, 6, 7], false]);
    expect(await page({ after: 7 })).toEqual([[], false]);
  });

  it('relays typing to who is there and stores nothing', async () => {
    const [kate, leo] = [await connect('kate'), await connect('leo')];
    await kate.call('chat.typing', { to: 'leo' });
    expect((await leo.event('chat.typing')).data).toEqual({
      conversation: 'dm:kate:leo',
      from: 'kate',
      active: true,
    });
    expect((await leo.call('chat.sync', {})).conversations).toEqual([]);
  });

  it.each([
    ['text', '鴉 𝒳 \u202e "quoted" <b>'],
    ['image', { url: 'https://cdn.example.com/a.png', width: 10, height: 20 }],
    ['file', { url: '/files/1', name: 'Ä.pdf', size: 5 }],
    ['voice', { url: '/files/2', duration: 1200, mime: 'audio/ogg' }],
    ['custom', { any: [1, null, { deep: true }] }],
  ])('carries %s content as it is', async (kind, content) => {
    const noah = await connect(`noah-${kind}`);
    const mia = await connect('mia');
    await noah.call('chat.send', text('mia', 'what do you say?'));
    await mia.call('chat.send', { to: noah.user, kind, content, mentions: [noah.user], replyTo: 1 } as never);
    expect((await noah.event('chat.message')).data).toMatchObject({
      kind,
      content,
      mentions: [noah.user],
      replyTo: 1,
    });
    const { messages } = await noah.call('chat.history', { to: 'mia', limit: 1 });
    expect(messages[0]).toMatchObject({ kind, content });
  });
});
