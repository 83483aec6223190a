import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage } from '@rookery/protocol';
import { type CommandError, RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

const ATTACHMENTS = '/api/v1/attachments';

describe.each(stores())('who comes back to a group on $name', ({ open }) => {
  let store: FreshStore;
  let server: TestServer;
  let clients: RawClient[] = [];
  const seqs = {} as Record<'early' | 'away' | 'late', number>;
  const files = {} as Record<'early' | 'away' | 'late', string>;
  let ann: RawClient;
  let ben: RawClient;

  const connect = async (user: string, device: string): Promise<RawClient> => {
    const client = await RawClient.connect(server, user, { query: { device } });
    clients.push(client);
    await client.event('chat.synced');
    return client;
  };
  const codeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'ok',
      (error: CommandError) => error.data.code,
    );
  const about = (seq: number) => ({ conversation: 'team', seq });
  /** A message that mentions ben, has a word of its own and a file; pinned. */
  const say = async (when: keyof typeof seqs) => {
    const headers = { authorization: `Bearer ${tokenFor('ann')}`, 'content-type': 'text/plain' };
    const path = `${server.url}${ATTACHMENTS}?name=${when}.txt`;
    const uploaded = await fetch(path, { method: 'POST', headers, body: when });
    const { url, name, mime, size } = (await uploaded.json()) as Record<string, string>;
    files[when] = url ?? '';
    const content = { url, name, mime, size };
    await ann.call('chat.send', { conversation: 'team', kind: 'file', content });
    const { seq } = await ann.call('chat.send', {
      conversation: 'team',
      kind: 'text',
      content: `heron ${when}`,
      mentions: ['ben'],
    });
    seqs[when] = seq;
    await ann.call('chat.pin', about(seq));
  };

  beforeAll(async () => {
    store = await open();
    server = await TestServer.start({ databaseUrl: store.databaseUrl });
    ann = await connect('ann', 'a');
    ben = await connect('ben', 'phone');
    await ann.call('group.create', { id: 'team', name: 'Team', visibility: 'open' });
    await ben.call('group.join', { conversation: 'team' });
    await say('early');
    await ben.call('group.leave', { conversation: 'team' });
    await say('away');
    await ben.call('group.join', { conversation: 'team' });
    await say('late');
  });
  afterEach(async () => {
    const others = clients.filter((client) => client !== ann && client !== ben);
    await Promise.all(others.map((client) => client.close()));
    clients = [ann, ben];
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server.stop();
    await store.dispose();
  });

  it('is brought what he had not got, on a device that was away all the time', async () => {
    const pad = await connect('ben', 'pad');
    const brought = pad.dataOf<ChatMessage>('chat.message').map(({ seq }) => seq);
    expect(brought).toEqual(expect.arrayContaining([seqs.early, seqs.late]));
    expect(brought).not.toContain(seqs.away);
  });

  it('has it counted, mentioned, found and pinned', async () => {
    const { conversations } = await ben.call('chat.sync', {});
    expect(conversations).toMatchObject([{ conversation: 'team', unread: 4, mentions: 2 }]);
    expect(await ben.call('chat.unread', {})).toMatchObject({ messages: 4, mentions: 2, conversations: 1 });
    const { messages } = await ben.call('chat.mentions', {});
    expect(messages.map(({ seq }) => seq)).toEqual([seqs.late, seqs.early]);
    const { results } = await ben.call('search.messages', { query: 'heron' });
    expect(results.map(({ message }) => message.seq)).toEqual([seqs.late, seqs.early]);
    const { pins } = await ben.call('chat.pins', { conversation: 'team' });
    expect(pins.map(({ message }) => message.seq)).toEqual([seqs.late, seqs.early]);
  });

  it('reads the files of then and now, and none of the time between', async () => {
    const statusOf = async (when: keyof typeof files) =>
      (await fetch(server.url + files[when], { headers: { authorization: `Bearer ${tokenFor('ben')}` } }))
        .status;
    expect([await statusOf('early'), await statusOf('away'), await statusOf('late')]).toEqual([
      200, 404, 200,
    ]);
  });

  it('may act on what he sees, and on nothing else', async () => {
    const answers = async (when: keyof typeof seqs) => [
      await codeOf(ben.call('chat.react', { ...about(seqs[when]), emoji: '👍' })),
      await codeOf(
        ben.call('chat.send', { conversation: 'team', kind: 'text', content: 'so', replyTo: seqs[when] }),
      ),
      await codeOf(ben.call('chat.readers', about(seqs[when]))),
    ];
    expect(await answers('early')).toEqual(['ok', 'ok', 'ok']);
    expect(await answers('away')).toEqual(['not_found', 'invalid', 'not_found']);
    expect(await codeOf(ben.call('chat.hide', { conversation: 'team', seqs: [seqs.away] }))).toBe(
      'not_found',
    );
  });

  it('is no reader of what was said while he was away', async () => {
    const { messages } = await ben.call('chat.history', { conversation: 'team', limit: 1 });
    await ben.call('chat.read', about(messages[0]?.seq ?? 0));
    const readers = async (when: keyof typeof seqs) =>
      (await ann.call('chat.readers', about(seqs[when]))).readers.map(({ user }) => user);
    expect([await readers('early'), await readers('away'), await readers('late')]).toEqual([
      ['ben'],
      [],
      ['ben'],
    ]);
  });
});
