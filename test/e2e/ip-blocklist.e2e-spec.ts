import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

const PATH = '/api/v1/admin/ip-blocklist';
const MALLORY = '203.0.113.9';
const ANN = '198.51.100.7';

describe.each(stores())('addresses that are blocked while the server runs, on $name', ({ name, open }) => {
  let store: FreshStore;
  let server: TestServer;
  const clients: RawClient[] = [];

  beforeAll(async () => {
    store = await open();
    const env = {
      TRUSTED_PROXIES: '127.0.0.1',
      IP_BLOCKLIST: '192.0.2.0/24',
      PRESENCE_STORE: 'database',
      WS_HANDSHAKE_RATE: '10000',
    };
    server = await TestServer.start({ env, databaseUrl: store.databaseUrl });
  });
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    await put([]);
  });
  afterAll(async () => {
    await server.stop();
    await store.dispose();
  });

  const from = (address: string) => ({ 'X-Forwarded-For': address });

  async function connect(user: string, address: string, to = server, token?: null): Promise<RawClient> {
    const options = { ws: { headers: from(address) }, ...(token === null && { token }) };
    const client = await RawClient.connect(to, user, options);
    clients.push(client);
    return client;
  }

  async function call(method: string, body?: unknown, headers: Record<string, string> = {}) {
    const answer = await fetch(server.url + PATH, {
      method,
      headers: {
        Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}`,
        'Content-Type': 'application/json',
        ...headers,
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }
  const put = (ranges: unknown, headers?: Record<string, string>) => call('PUT', { ranges }, headers);
  const statusFrom = async (address: string): Promise<number> =>
    (await fetch(`${server.url}/health/live`, { headers: from(address) })).status;

  it('are closed, refused at the handshake and on REST, and let in again', async () => {
    const [ann, mallory] = [await connect('ann', ANN), await connect('mallory', MALLORY)];
    const nameless = await connect('nobody', MALLORY, server, null);
    expect(await put(['203.0.113.0/24'])).toEqual({
      status: 200,
      body: { ranges: ['203.0.113.0/24'], base: ['192.0.2.0/24'], closed: 2 },
    });
    expect(await mallory.closed()).toBe(4503);
    expect(mallory.closeReason).toBe('this address is blocked');
    expect(await nameless.closed()).toBe(4503);
    await expect(connect('mallory', MALLORY)).rejects.toThrow('403');
    await expect(connect('mallory', `::ffff:${MALLORY}`)).rejects.toThrow('403');
    expect(await statusFrom(MALLORY)).toBe(403);
    expect(await ann.call('ping')).toEqual({ time: expect.any(Number) });
    expect(await statusFrom(ANN)).toBe(200);

    expect(await put([])).toMatchObject({ body: { ranges: [], closed: 0 } });
    expect(await (await connect('mallory', MALLORY)).call('ping')).toEqual({ time: expect.any(Number) });
    expect(await statusFrom('192.0.2.1')).toBe(403);
  });

  it.each([
    ['an address', MALLORY],
    ['one of IPv4, written as IPv6', `::ffff:${MALLORY}`],
    ['a range of IPv4, written as IPv6', '::ffff:203.0.113.0/120'],
  ])('%s blocks a client', async (_what, range) => {
    const mallory = await connect('mallory', MALLORY);
    await put([range]);
    expect(await mallory.closed()).toBe(4503);
    expect(await statusFrom(ANN)).toBe(200);
  });

  it('of IPv6 are blocked by ranges too', async () => {
    await put(['2001:db8::/32']);
    expect(await statusFrom('2001:db8:1::1')).toBe(403);
    expect(await statusFrom('2001:db9::1')).toBe(200);
  });

  it('are listed, in order and once', async () => {
    await put(['203.0.113.9', '10.0.0.0/8', '203.0.113.9']);
    expect(await call('GET')).toEqual({
      status: 200,
      body: { ranges: ['10.0.0.0/8', '203.0.113.9'], base: ['192.0.2.0/24'] },
    });
  });

  it.each([
    ['no address', ['everybody']],
    ['a prefix that is too long', ['10.0.0.0/33']],
    ['no list', '10.0.0.1'],
    ['too many', Array.from({ length: 1001 }, (_, index) => `10.0.${index >> 8}.${index & 255}`)],
  ])('%s is refused, and nothing changes', async (_what, ranges) => {
    await put(['203.0.113.1']);
    expect(await put(ranges)).toMatchObject({ status: 400, body: { code: 'invalid' } });
    expect(await call('GET')).toMatchObject({ body: { ranges: ['203.0.113.1'] } });
  });

  it('may not be those of who blocks', async () => {
    expect(await put(['0.0.0.0/0'], from(ANN))).toMatchObject({
      status: 400,
      body: { details: [{ field: 'ranges' }] },
    });
    expect(await put(['198.51.100.0/24'], from(MALLORY))).toMatchObject({ status: 200 });
  });

  it('nobody slips in while the list is being replaced', async () => {
    for (let round = 0; round < 10; round++) {
      const sockets = Array.from({ length: 20 }, (_, index) => {
        const headers = { Authorization: `Bearer ${tokenFor(`m${index}`)}`, ...from(MALLORY) };
        const socket = new WebSocket(server.wsUrl, { headers });
        return new Promise<void>((resolve) => {
          socket.on('error', () => undefined);
          // Refused or closed: it only has to end.
          socket.once('close', () => resolve());
        });
      });
      await put([MALLORY]);
      await Promise.all(sockets);
      await put([]);
    }
    expect(await call('GET')).toMatchObject({ body: { ranges: [] } });
  });

  it('stay blocked after a restart, and another process on the same database follows', async () => {
    await put([MALLORY]);
    await server.kill();
    await server.restart();
    expect(await statusFrom(MALLORY)).toBe(403);
    expect(await call('GET')).toMatchObject({ body: { ranges: [MALLORY] } });
    if (name === 'SQLite') return;

    const env = { TRUSTED_PROXIES: '127.0.0.1', PRESENCE_STORE: 'database' };
    const other = await TestServer.start({ env, databaseUrl: store.databaseUrl });
    try {
      const ann = await connect('ann', ANN, other);
      await put([MALLORY, ANN]);
      expect(await ann.closed()).toBe(4503);
    } finally {
      await other.stop();
    }
  });
});
