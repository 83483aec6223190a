import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { RookeryClient, type HistoryEntry } from '@rookery/client';
import { tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

const text = (content: string) => ({ kind: 'text' as const, content });
const short = ({ event, seq }: HistoryEntry): string => `${event} ${seq}`;

describe.each(stores())('the rooms with the SDK, on $name', (each) => {
  let store: FreshStore;
  let server: TestServer;
  let clients: RookeryClient[] = [];

  beforeAll(async () => {
    store = await each.open();
    server = await TestServer.start({ databaseUrl: store.databaseUrl, env: { LOG_LEVEL: 'error' } });
  });
  afterEach(() => {
    for (const client of clients) client.disconnect();
    clients = [];
  });
  afterAll(async () => {
    await server.stop();
    await store.dispose();
  });

  /** A device that is connected, and every entry that it was given. */
  async function open(user: string, device = `${user}-1`) {
    const client = new RookeryClient(server.wsUrl, { token: tokenFor(user), device, webSocket: WebSocket });
    clients.push(client);
    const entries: HistoryEntry[] = [];
    const waiting = new Set<() => void>();
    client.on('entry', (entry) => {
      entries.push(entry);
      for (const look of waiting) look();
    });
    client.connect();
    await client.ready();
    const of = (conversation: string) => entries.filter((each) => each.conversation === conversation);
    const has = (conversation: string, seq: number): Promise<void> =>
      new Promise((resolve) => {
        const look = (): void => {
          if (of(conversation).some((each) => each.seq === seq)) resolve(void waiting.delete(look));
        };
        waiting.add(look);
        look();
      });
    return { client, of, has };
  }

  it('give a group as one log, in which nothing is missing and nothing doubled', async () => {
    const [amy, ben] = [await open('amy'), await open('ben')];
    const { id } = await amy.client.change('group.create', { name: 'Rowers', visibility: 'private' });
    await amy.client.change('group.invite', { conversation: id, users: ['ben'] });
    await ben.has('inbox:ben', 1);
    const joined = await ben.client.change('group.accept', { conversation: id });
    await amy.client.send({ conversation: id }, text('Welcome'));
    const { seq } = await ben.client.send({ conversation: id }, text('Hello'));
    await Promise.all([amy.has(id, seq), ben.has(id, seq)]);
    const expected = (await amy.client.history({ conversation: id })).messages.map(short);
    expect(expected).toHaveLength(5);
    expect(amy.of(id).map(short)).toEqual(expected);
    expect(ben.of(id).map(short)).toEqual(expected.slice(joined.seq - 1));
    expect(ben.of('inbox:ben').map(short)).toEqual(['group.invited 1']);
  });

  it('bring what changed in a group while a device was away', async () => {
    const [amy, ben] = [await open('amy'), await open('ben')];
    const { id } = await amy.client.change('group.create', { name: 'Sailors', visibility: 'open' });
    const joined = await ben.client.change('group.join', { conversation: id });
    await ben.has(id, joined.seq);
    ben.client.disconnect();
    await amy.client.send({ conversation: id }, text('one'));
    await amy.client.change('group.update', { conversation: id, name: 'Sailing' });
    const last = await amy.client.send({ conversation: id }, text('two'));
    ben.client.connect();
    await ben.has(id, last.seq);
    const numbers = ben.of(id).map(({ seq }) => seq);
    expect(numbers).toEqual(Array.from({ length: last.seq - joined.seq + 1 }, (_, at) => joined.seq + at));
  });

  it('bring a group that was made on another device while this one was away', async () => {
    const phone = await open('amy', 'phone');
    phone.client.disconnect();
    const laptop = await open('amy', 'laptop');
    const { id } = await laptop.client.change('group.create', { name: 'Made elsewhere', visibility: 'open' });
    phone.client.connect();
    await phone.has(id, 1);
    expect(phone.of(id).map(({ seq }) => seq)).toEqual([1]);
  });

  it('do a change once when its answer is lost', async () => {
    const amy = await open('amy');
    const { id } = await amy.client.change('group.create', { name: 'Once', visibility: 'open' });
    const before = await amy.client.history({ conversation: id });
    const clientId = 'the-same';
    const first = await amy.client.change('group.update', { conversation: id, name: 'Twice', clientId });
    const again = await amy.client.change('group.update', { conversation: id, name: 'Twice', clientId });
    expect(again).toEqual({ ...first, duplicate: true });
    expect((await amy.client.history({ conversation: id })).head).toBe(before.head + 1);
  });

  it('give what happens to messages its place in the log, on the device that did it too', async () => {
    const [amy, ben] = [await open('amy'), await open('ben')];
    const target = { to: 'amy' };
    const { conversation, seq } = await amy.client.send({ to: 'ben' }, text('Helo'));
    await amy.client.change('chat.edit', { to: 'ben', seq, content: 'Hello' });
    await ben.client.change('chat.react', { ...target, seq, emoji: '👍' });
    const last = await amy.client.change('chat.pin', { to: 'ben', seq });
    await Promise.all([amy.has(conversation, last.seq), ben.has(conversation, last.seq)]);
    const expected = ['chat.message', 'chat.edited', 'chat.reaction', 'chat.pinned'];
    for (const { of } of [amy, ben])
      expect(of(conversation).map(short)).toEqual(expected.map((event, at) => `${event} ${seq + at}`));
  });

  it('carry files to who sees the message, and to nobody else', async () => {
    const [amy, ben, eve] = [await open('amy'), await open('ben'), await open('eve')];
    const bytes = JSON.stringify({ any: 'thing' });
    const file = await amy.client.upload(new Blob([bytes], { type: 'application/json' }), 'Größe & Maß.json');
    expect(file).toMatchObject({ name: 'Größe & Maß.json', size: bytes.length });
    const { url, name, size, mime } = file;
    await amy.client.send({ to: 'ben' }, { kind: 'file', content: { url, name, size, mime } });
    expect(await (await ben.client.download(url)).text()).toBe(bytes);
    await expect(eve.client.download(url)).rejects.toMatchObject({ code: 'not_found', retryable: false });
    const signal = AbortSignal.abort();
    await expect(ben.client.download(url, { signal })).rejects.toMatchObject({ code: 'aborted' });
    await expect(amy.client.upload(new Blob([]))).rejects.toMatchObject({ code: 'invalid' });
  });
});
