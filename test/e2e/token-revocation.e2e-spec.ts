import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CommandError, RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

/** Seconds: newer tokens of these tests are from the future, so that nobody waits for the next second. */
const LEEWAY = 60;

describe.each(stores())('tokens that are revoked, on $name', ({ open }) => {
  let store: FreshStore;
  let server: TestServer;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    store = await open();
    server = await TestServer.start({ env: { JWT_LEEWAY: String(LEEWAY) }, databaseUrl: store.databaseUrl });
  });
  afterEach(() => {
    for (const client of clients.splice(0)) client.terminate();
  });
  afterAll(async () => {
    await server.stop();
    await store.dispose();
  });

  async function connect(user: string, token = tokenFor(user)): Promise<RawClient> {
    const client = await RawClient.connect(server, user, { token });
    clients.push(client);
    return client;
  }
  const newer = (user: string): string => tokenFor(user, { iat: Math.floor(Date.now() / 1000) + LEEWAY / 2 });

  async function call(method: string, path: string, token: string) {
    const answer = await fetch(server.url + path, { method, headers: { Authorization: `Bearer ${token}` } });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  const revoke = (user: string, token = tokenFor('root', { role: 'admin' })) =>
    call('DELETE', `/api/v1/users/${encodeURIComponent(user)}/tokens`, token);
  const statusOf = async (token: string): Promise<number> =>
    (await call('GET', '/api/v1/conversations', token)).status;

  it('close every connection, and are good for nothing any more, over a restart too', async () => {
    const token = tokenFor('ann');
    const [phone, laptop, ben] = await Promise.all([
      connect('ann', token),
      connect('ann', token),
      connect('ben'),
    ]);
    expect(await statusOf(token)).toBe(200);

    expect(await revoke('ann')).toEqual({ status: 200, body: { closed: 2 } });
    expect(await Promise.all([phone.closed(), laptop.closed()])).toEqual([4503, 4503]);
    expect(await ben.call('chat.unread')).toMatchObject({ messages: 0 });
    const untimed = tokenFor('ann', { iat: undefined });
    const tries = async () => [
      await statusOf(token),
      await statusOf(untimed),
      await connect('ann', token).catch(({ message }: Error) => message),
    ];
    const refused = [401, 401, expect.stringContaining('401')];
    expect(await tries()).toEqual(refused);
    await server.signal('SIGKILL');
    await server.restart();
    expect(await tries()).toEqual(refused);
  });

  it('are told from newer ones, with which everything goes on', async () => {
    const old = tokenFor('cay');
    await revoke('cay');
    const cay = await connect('cay', newer('cay'));
    expect(await statusOf(newer('cay'))).toBe(200);
    const refusal = await cay.call('auth', { token: old }).catch((error: unknown) => error);
    expect((refusal as CommandError).data).toMatchObject({ code: 'unauthenticated' });
    expect(await revoke('cay')).toMatchObject({ body: { closed: 1 } });
    expect(await cay.closed()).toBe(4503);
  });

  it('let nobody in who came at the same moment', async () => {
    const token = tokenFor('dan');
    const coming = Array.from({ length: 40 }, () => connect('dan', token).catch(() => undefined));
    await revoke('dan');
    const came = (await Promise.all(coming)).filter((client) => client !== undefined);
    expect(await Promise.all(came.map((client) => client.closed()))).toEqual(came.map(() => 4503));
    expect(await statusOf(token)).toBe(401);
  });

  it('are revoked by administrators only, and of users only', async () => {
    expect(await revoke('ben', tokenFor('ben'))).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    for (const user of [' ', 'x'.repeat(121), 'a\u200bb'])
      expect(await revoke(user)).toMatchObject({
        status: 400,
        body: { code: 'invalid', details: [{ field: 'user' }] },
      });
  });
});
