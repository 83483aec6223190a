import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { api } from '../support/api.js';
import { PushReceiver } from '../support/push-receiver.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

const WAIT = { timeout: 20_000, interval: 50 };
const LONG_WAIT = { timeout: 50_000, interval: 50 };

describe.each(stores())('offline push on $name', ({ open }) => {
  let store: FreshStore;
  let receiver: PushReceiver;
  let server: TestServer;
  const clients: RawClient[] = [];

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    server = await TestServer.start({
      databaseUrl: store.databaseUrl,
      env: {
        PUSH_WEBHOOK_URL: receiver.url,
        PUSH_WEBHOOK_SECRET: PushReceiver.secret,
        PUSH_DELAY: '0.3',
        PUSH_RETRY_DELAY: '0.05',
        PUSH_TIMEOUT: '1',
        ...env,
      },
    });
  };
  beforeEach(async () => {
    store = await open();
    receiver = new PushReceiver();
    await receiver.start();
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    await server.stop();
    await receiver.stop();
    await store.dispose();
  });

  const connect = async (user: string, query: Record<string, string> = {}): Promise<RawClient> => {
    const client = await RawClient.connect(server, user, {
      query,
      token: tokenFor(user, { roles: user === 'root' ? ['admin'] : [] }),
    });
    clients.push(client);
    await client.event('chat.synced');
    return client;
  };
  /** Registers a device and goes. */
  const away = async (user: string, token = `token-of-${user}`): Promise<string> => {
    const client = await connect(user, { device: 'phone' });
    const { id } = await client.call('push.register', { provider: 'webhook', token });
    await client.close();
    return id;
  };
  const say = (client: RawClient, to: string, content: string) =>
    client.call('chat.send', { to, kind: 'text', content });
  const contents = (pushes = receiver.accepted) =>
    pushes.filter(({ json }) => json.type === 'push.message').map(({ json }) => json.data.event.data.content);
  const admin = async (method: string, path: string, body?: object) => {
    const response = await fetch(`${server.url}/api/v1/admin/push/dead-letters${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${tokenFor('root', { roles: ['admin'] })}`,
        ...(body && { 'Content-Type': 'application/json' }),
      },
      body: body && JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, json: text ? JSON.parse(text) : undefined };
  };

  it('tells a device that is away, signed, and takes it back when it is read elsewhere', async () => {
    await start();
    await away('ben');
    const [amy, root] = [await connect('amy'), await connect('root')];
    const { seq, id } = await say(amy, 'ben', 'hello');
    await root.call('notification.send', { to: 'ben', type: 'order', content: 'paid', priority: 'high' });
    await expect.poll(() => contents(), WAIT).toEqual(expect.arrayContaining(['hello', 'paid']));
    const push = receiver.accepted.find(({ json }) => json.data.id === id)!;
    expect(receiver.accepted.every(({ signed }) => signed)).toBe(true);
    expect(push.json).toMatchObject({
      type: 'push.message',
      data: {
        user: 'ben',
        device: 'phone',
        token: 'token-of-ben',
        conversation: 'dm:amy:ben',
        seq,
        event: { type: 'chat.message' },
      },
    });
    const ben = await connect('ben', { device: 'laptop' });
    await ben.call('chat.read', { conversation: 'dm:amy:ben', seq });
    await expect
      .poll(
        () =>
          receiver.accepted
            .filter(({ json }) => json.type === 'push.withdraw')
            .map(({ json }) => json.data.id),
        WAIT,
      )
      .toEqual([id]);
  });

  it('tells nothing that a device has acknowledged, or that nobody can be told', async () => {
    await start();
    await away('ben');
    const [amy, ben] = [await connect('amy'), await connect('ben', { device: 'laptop' })];
    const first = await say(amy, 'ben', 'seen');
    await ben.call('chat.delivered', { conversation: first.conversation, seq: first.seq });
    await say(amy, 'cleo', 'to nobody');
    await say(amy, 'ben', 'not seen');
    await expect.poll(() => contents(), WAIT).toEqual(['not seen']);
    expect(receiver.attempts).toHaveLength(1);
  });

  it('loses nothing while the receiver is down and the server is killed, in the order of each user', async () => {
    await start();
    for (const user of ['ben', 'cleo']) await away(user);
    await receiver.stop();
    const amy = await connect('amy');
    for (let n = 0; n < 5; n++) for (const user of ['ben', 'cleo']) await say(amy, user, `${user} ${n}`);
    await server.kill();
    await server.restart();
    const again = await connect('amy');
    for (const user of ['ben', 'cleo']) await say(again, user, `${user} 5`);
    await server.kill();
    await receiver.start();
    await server.restart();
    const of = (user: string) => [...new Set(contents().filter((content) => content.startsWith(user)))];
    const expected = (user: string) => [0, 1, 2, 3, 4, 5].map((n) => `${user} ${n}`);
    await expect.poll(() => [of('ben'), of('cleo')], WAIT).toEqual([expected('ben'), expected('cleo')]);
    const ids = new Map<string, string>();
    for (const { id, json } of receiver.attempts) {
      expect(ids.get(json.data.id) ?? id).toBe(id);
      ids.set(json.data.id, id);
    }
  });

  it('tells a broadcast to who is in its audience and away, in his language, and takes it back when it is read', async () => {
    await start();
    const roles: Record<string, string[]> = { ben: ['driver'], cleo: ['clerk'], dan: ['driver', 'clerk'] };
    const arrive = async (user: string, device: string) => {
      const token = tokenFor(user, { roles: roles[user] });
      const client = await RawClient.connect(server, user, { query: { device }, token });
      clients.push(client);
      await client.event('chat.synced');
      return client;
    };
    for (const user of Object.keys(roles)) {
      const client = await arrive(user, 'phone');
      await client.call('push.register', { provider: 'webhook', token: `token-of-${user}` });
      await client.call('notification.locale', { locale: user === 'ben' ? 'de-CH' : null });
      await client.close();
    }
    const post = (body: object) =>
      api(server, 'POST', '/api/v1/admin/notifications', { user: 'root', role: 'admin', body });
    const put = (locale: string, content: string) =>
      api(server, 'PUT', `/api/v1/admin/notification-templates/shift/${locale}`, {
        user: 'root',
        role: 'admin',
        body: { content },
      });
    await put('default', 'Shift at {{ hour }}');
    await put('de', 'Dienst um {{ hour }}');
    const template = { name: 'shift', data: { hour: 6 } };
    const { json } = await post({ audience: { role: 'driver' }, type: 'shift', template });
    const told = (type: string) =>
      receiver.accepted
        .filter((push) => push.json.type === type)
        .map((push) => [push.json.data.user, push.json.data.id, push.json.data.event?.data.content])
        .toSorted();
    const expected = [
      ['ben', json.id, 'Dienst um 6'],
      ['dan', json.id, 'Shift at 6'],
    ];
    await expect.poll(() => told('push.message'), WAIT).toEqual(expected);
    const dan = await arrive('dan', 'laptop');
    await dan.call('notification.read', { ids: [json.id] });
    await expect.poll(() => told('push.withdraw'), WAIT).toEqual([['dan', json.id, undefined]]);
    const all = (await post({ audience: 'all', type: 'news', content: 'to all' })).json;
    await dan.call('chat.delivered', { conversation: all.conversation, seq: all.seq });
    const toAll = () => told('push.message').filter(([, id]) => id === all.id);
    await expect.poll(toAll, WAIT).toEqual(['ben', 'cleo'].map((user) => [user, all.id, 'to all']));
  });

  it('is killed again and again while it sends, and loses no push, in the order of each user', async () => {
    await start({ PUSH_CONCURRENCY: '2' });
    const users = ['ben', 'cleo', 'dan'];
    for (const user of users) await away(user);
    receiver.answer = ({ json }) => (json.data.seq % 7 === 3 && Math.random() < 0.5 ? 500 : 204);
    const amy = await connect('amy');
    for (let n = 0; n < 25; n++) await Promise.all(users.map((user) => say(amy, user, `${user} ${n}`)));
    // Where several processes may write, another one sends only when the killed one has been silent for a while.
    const rounds = store.databaseUrl ? 2 : 4;
    for (let round = 1; round <= rounds; round++) {
      await expect.poll(() => receiver.accepted.length, LONG_WAIT).toBeGreaterThan(round * 8);
      await server.kill();
      await server.restart();
    }
    const first = (user: string) => [...new Set(contents().filter((content) => content.startsWith(user)))];
    const expected = users.map((user) => Array.from({ length: 25 }, (_, n) => `${user} ${n}`));
    await expect.poll(() => users.map(first), LONG_WAIT).toEqual(expected);
    // Delivered twice at most where a kill came between the answer and its being written: under the same id.
    const ids = new Map<string, string>();
    for (const { id, json } of receiver.accepted) {
      expect(ids.get(json.data.id) ?? id).toBe(id);
      ids.set(json.data.id, id);
    }
  }, 180_000);

  it('drops the oldest that wait when there are too many, and counts them', async () => {
    await start({ PUSH_OUTBOX_LIMIT: '100' });
    await away('ben');
    await receiver.stop();
    const amy = await connect('amy');
    for (let n = 0; n < 150; n++) await say(amy, 'ben', `ben ${n}`);
    const metric = async (name: string): Promise<number> => {
      const text = await (await fetch(`${server.url}/metrics`)).text();
      return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? 0);
    };
    const dropped = () => metric('rookery_pushes_dropped_total\\{state="pending"\\}');
    await expect.poll(dropped, WAIT).toBeGreaterThanOrEqual(50);
    expect(await metric('rookery_bound_limit\\{bound="push_outbox"\\}')).toBe(100);
    expect(await metric('rookery_bound_used\\{bound="push_outbox"\\}')).toBeLessThanOrEqual(100);
    await receiver.start();
    await expect.poll(() => contents().at(-1), WAIT).toBe('ben 149');
    const left = 150 - (await dropped());
    expect([...new Set(contents())]).toEqual(Array.from({ length: left }, (_, n) => `ben ${150 - left + n}`));
  });

  it('gives up after some attempts, lists what is dead, and tries it again when asked', async () => {
    await start({ PUSH_MAX_ATTEMPTS: '3' });
    await away('ben');
    receiver.answer = ({ json }) => (json.data.event?.data.content === 'bad' ? 500 : 204);
    const amy = await connect('amy');
    for (const content of ['one', 'bad', 'two']) await say(amy, 'ben', content);
    await expect.poll(() => contents(), WAIT).toEqual(['one', 'two']);
    expect(contents(receiver.attempts).filter((content) => content === 'bad')).toHaveLength(3);
    const { json } = await admin('GET', '');
    expect(json).toMatchObject({
      next: null,
      deadLetters: [{ user: 'ben', attempts: 3, error: 'HTTP 500' }],
    });
    const [{ id }] = json.deadLetters;
    receiver.answer = () => 204;
    expect((await admin('POST', `/${id}/replay`, {})).status).toBe(204);
    await expect.poll(() => contents(), WAIT).toEqual(['one', 'two', 'bad']);
    expect((await admin('POST', `/${id}/replay`, {})).status).toBe(404);
    expect((await admin('DELETE', `/${id}`)).status).toBe(404);
  });

  it('waits as long as it is asked to, and forgets a token that is gone', async () => {
    await start();
    await away('ben');
    receiver.answer = () => ({ status: 429, headers: { 'Retry-After': '1' } });
    const amy = await connect('amy');
    await say(amy, 'ben', 'slowly');
    await expect.poll(() => receiver.attempts.length, WAIT).toBe(1);
    const asked = Date.now();
    receiver.answer = () => 410;
    await expect.poll(() => receiver.attempts.length, WAIT).toBe(2);
    expect(Date.now() - asked).toBeGreaterThan(800);
    const ben = await connect('ben', { device: 'laptop' });
    await expect.poll(async () => (await ben.call('push.list')).devices, WAIT).toEqual([]);
  });

  it('does not disturb who muted the conversation, unless he is mentioned', async () => {
    await start();
    await away('ben');
    const amy = await connect('amy');
    const { conversation } = await say(amy, 'ben', 'first');
    await expect.poll(() => contents(), WAIT).toEqual(['first']);
    const ben = await connect('ben', { device: 'laptop' });
    await ben.call('chat.settings', { conversation, mutedUntil: Date.now() + 3_600_000 });
    await ben.close();
    await say(amy, 'ben', 'quiet');
    await amy.call('chat.send', { to: 'ben', kind: 'text', content: 'mention', mentions: ['ben'] });
    await expect.poll(() => contents(), WAIT).toEqual(['first', 'mention']);
  });
});

describe('a server without push', () => {
  it('says so, and has nothing to register with', async () => {
    const server = await TestServer.start();
    const amy = await RawClient.connect(server, 'amy');
    expect(await amy.call('push.list')).toEqual({ providers: [], devices: [] });
    const refused = amy.call('push.register', { provider: 'webhook', token: 'x' });
    await expect(refused).rejects.toMatchObject({ data: { code: 'refused' } });
    await expect(amy.call('push.unregister', { id: '0'.repeat(64) })).rejects.toMatchObject({
      data: { code: 'not_found' },
    });
    await amy.close();
    await server.stop();
  });
});
