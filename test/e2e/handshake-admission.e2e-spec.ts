import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { exchange, handshakeText, openSocket, requestText, type Headers } from '../support/raw-http.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

/** Starts a server for the tests of one block. */
function serverWith(env: Record<string, string>): { current: TestServer } {
  const holder = {} as { current: TestServer };
  beforeAll(async () => {
    holder.current = await TestServer.start({ env });
  });
  afterAll(() => holder.current.stop());
  return holder;
}

const shake = async (server: TestServer, headers: Headers = {}, user = 'alice') => {
  const answer = await exchange(
    server,
    handshakeText({ headers: { Authorization: `Bearer ${tokenFor(user)}`, ...headers } }),
  );
  return { status: answer?.status, retryAfter: answer?.headers['retry-after'] };
};

describe('the Origin in production', () => {
  const server = serverWith({ NODE_ENV: 'production', JWT_ALLOW_WEAK_SECRET: 'true' });

  it.each([
    ['none: it is no browser', undefined, 101],
    ['the same host', 'https://rookery.test', 101],
    ['the same host behind a TLS proxy or not', 'http://rookery.test', 101],
    ['another host', 'https://evil.example', 403],
    ['null (a sandboxed frame, a file)', 'null', 403],
    ['an empty one', '', 403],
    ['the host as a prefix', 'https://rookery.test.evil.example', 403],
    ['the host as a suffix', 'https://evil-rookery.test', 403],
    ['the host as a user name', 'https://rookery.test@evil.example', 403],
    ['another port', 'https://rookery.test:8443', 403],
    ['capitals', 'https://ROOKERY.test', 403],
    ['a capital scheme', 'HTTPS://rookery.test', 403],
    ['another scheme', 'chrome-extension://rookery.test', 403],
    ['a trailing slash', 'https://rookery.test/', 403],
    ['two in a list', 'https://rookery.test, https://evil.example', 403],
    ['two headers', ['https://rookery.test', 'https://evil.example'], 403],
  ] as const)('%s', async (_what, origin, status) => {
    const headers = { Origin: typeof origin === 'object' ? [...origin] : origin };
    expect(await shake(server.current, headers)).toMatchObject({ status });
  });

  it('a good one is no credential', async () => {
    const bad = { Origin: 'https://rookery.test', Authorization: 'Bearer a.b.c' };
    expect(await shake(server.current, bad)).toMatchObject({ status: 401 });
  });

  it('a bad one is refused before the token is looked at', async () => {
    const bad = { Origin: 'https://evil.example', Authorization: 'Bearer a.b.c' };
    expect(await shake(server.current, bad)).toMatchObject({ status: 403 });
  });
});

describe('the Origin with WS_ORIGINS', () => {
  const server = serverWith({ WS_ORIGINS: 'https://app.example.com,http://localhost:5173' });

  it.each([
    ['https://app.example.com', 101],
    ['http://localhost:5173', 101],
    ['http://app.example.com', 403],
    ['https://rookery.test', 403],
    ['https://app.example.com.evil.test', 403],
    ['https://app.example.com:443', 403],
    ['null', 403],
  ] as const)('%s', async (origin, status) => {
    expect(await shake(server.current, { Origin: origin })).toMatchObject({ status });
  });
});

describe('blocked addresses behind a trusted proxy', () => {
  const server = serverWith({
    TRUSTED_PROXIES: '127.0.0.1,10.0.0.0/8',
    IP_BLOCKLIST: '203.0.113.0/24,2001:db8::/32',
  });

  it.each([
    ['a blocked client', '203.0.113.9', 403],
    ['a blocked IPv6 client', '2001:db8::1', 403],
    ['a blocked client, mapped into IPv6', '::ffff:203.0.113.9', 403],
    ['a blocked client behind two proxies', '203.0.113.9, 10.1.2.3', 403],
    ['a client that writes another address before its own', '198.51.100.1, 203.0.113.9', 403],
    ['another client', '198.51.100.1', 101],
    ['another client that writes a blocked address before its own', '203.0.113.9, 198.51.100.1', 101],
    ['rubbish', 'not an address', 101],
    ['rubbish with a zone', 'fe80::1%eth0', 101],
    ['nothing', undefined, 101],
  ])('%s', async (_what, forwarded, status) => {
    const headers = { 'X-Forwarded-For': forwarded };
    expect(await shake(server.current, headers)).toMatchObject({ status });
    const rest = await exchange(
      server.current,
      requestText({ target: '/health/live', headers: { Host: 'x', ...headers } }),
    );
    expect(rest?.status).toBe(status === 101 ? 200 : 403);
  });
});

describe('a blocked address without a proxy', () => {
  const server = serverWith({ IP_BLOCKLIST: '127.0.0.0/8' });

  it.each([undefined, '198.51.100.1', '10.0.0.1, 198.51.100.1'])(
    'does not get in by claiming to be %s',
    async (forwarded) => {
      expect(await shake(server.current, { 'X-Forwarded-For': forwarded })).toMatchObject({ status: 403 });
    },
  );
});

describe('room', () => {
  const server = serverWith({ WS_MAX_CONNECTIONS: '6', WS_MAX_CONNECTIONS_PER_USER: '2' });
  let open: RawClient[] = [];
  const connect = async (...users: string[]): Promise<void> => {
    open.push(...(await Promise.all(users.map((user) => RawClient.connect(server.current, user)))));
  };
  afterEach(async () => {
    await Promise.all(open.map((client) => client.close()));
    open = [];
    await vi.waitUntil(async () => (await connectionsOf(server.current)) === 0);
  });

  it('is refused with 503 and Retry-After when the node is full, and given when it is not', async () => {
    await connect('a', 'b', 'c', 'd', 'e', 'f');
    expect(await shake(server.current, {}, 'g')).toEqual({ status: 503, retryAfter: '5' });
    await open.pop()?.close();
    await expect.poll(async () => (await shake(server.current, {}, 'g')).status).toBe(101);
  });

  it('is taken by connections that have not authenticated yet, for as long as they may', async () => {
    const silent = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(() => RawSocket.connect(server.current, '', { token: null })),
    );
    expect(await shake(server.current)).toMatchObject({ status: 503 });
    for (const socket of silent) socket.destroy();
    await expect.poll(async () => (await shake(server.current)).status).toBe(101);
  });

  it('is not taken by handshakes that are given up half-way', async () => {
    for (let index = 0; index < 40; index++) {
      const socket = await openSocket(server.current);
      socket.write(handshakeText({ headers: { Authorization: `Bearer ${tokenFor(`x${index}`)}` } }));
      socket.resetAndDestroy();
    }
    await expect.poll(() => connectionsOf(server.current)).toBe(0);
    await connect('a', 'b', 'c', 'd', 'e', 'f');
  });

  it('of one user is bounded: 429 with Retry-After', async () => {
    await connect('alice', 'alice');
    expect(await shake(server.current)).toEqual({ status: 429, retryAfter: '60' });
    expect(await shake(server.current, {}, 'bob')).toMatchObject({ status: 101 });
  });

  it('of one user is bounded in a burst too', async () => {
    const attempts = [1, 2, 3, 4, 5, 6].map(() => RawSocket.connect(server.current, 'alice'));
    const sockets = (await Promise.allSettled(attempts)).filter((result) => result.status === 'fulfilled');
    expect(sockets).toHaveLength(2);
    for (const { value } of sockets) value.destroy();
  });

  it('of one user is bounded when the token comes in the first frame', async () => {
    await connect('alice', 'alice');
    const late = await RawSocket.connect(server.current, '', { token: null });
    expect(await late.answerTo('auth', { token: tokenFor('alice') })).toMatchObject({
      type: 'error',
      data: { code: 'rate_limited', retryable: true, retryAfter: 60 },
    });
    expect(await late.closed()).toBe(4500);
  });
});

describe('room for connections without a token', () => {
  const server = serverWith({ WS_MAX_CONNECTIONS: '30' });
  const silent = () => RawSocket.connect(server.current, '', { token: null });
  const tokenless = { Authorization: undefined };

  it('is a small part of all: others still come in with theirs, and one that brings it makes room', async () => {
    const burst = await Promise.allSettled(Array.from({ length: 16 }, silent));
    const sockets = burst.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
    expect(sockets).toHaveLength(10);
    expect(await shake(server.current, tokenless)).toEqual({ status: 503, retryAfter: '5' });
    expect(await shake(server.current)).toMatchObject({ status: 101 });

    await sockets[0]?.answerTo('auth', { token: tokenFor('late') });
    sockets.push(await silent());
    expect(await shake(server.current, tokenless)).toMatchObject({ status: 503 });
    sockets.pop()?.destroy();
    await expect.poll(async () => (await shake(server.current, tokenless)).status).toBe(101);
    for (const socket of sockets) socket.destroy();
  });
});

describe.each(['multi', 'per-platform'])('room of one user, policy %s', (policy) => {
  const server = serverWith({ WS_MAX_CONNECTIONS_PER_USER: '2', WS_SESSION_POLICY: policy });
  const connect = (query: Record<string, string>) => RawClient.connect(server.current, 'alice', { query });

  it('holds whatever the client calls its platform, but not against the device that is there already', async () => {
    const phone = await connect({ device: 'phone', platform: 'a' });
    const laptop = await connect({ device: 'laptop', platform: 'b' });
    await expect(connect({ device: 'third', platform: 'c' })).rejects.toThrow('429');
    const again = await connect({ device: 'phone', platform: 'd' });
    expect(await phone.closed()).toBe(4501);
    const late = await RawSocket.connect(server.current, '', { token: null });
    const auth = { token: tokenFor('alice'), device: 'laptop', platform: 'e' };
    expect(await late.answerTo('auth', auth)).toMatchObject({ type: 'ok' });
    expect(await laptop.closed()).toBe(4501);
    late.destroy();
    await again.close();
  });
});

describe('room of one user under per-platform', () => {
  const server = serverWith({ WS_MAX_CONNECTIONS_PER_USER: '2', WS_SESSION_POLICY: 'per-platform' });
  const connect = (platform: string) => RawClient.connect(server.current, 'bob', { query: { platform } });

  it('does not count the connection of the same platform, which gives way', async () => {
    const [one, two] = [await connect('a'), await connect('b')];
    const next = await connect('a');
    expect(await one.closed()).toBe(4501);
    await Promise.all([two.close(), next.close()]);
  });
});

/** Authenticated connections, as the server counts them. */
async function connectionsOf(server: TestServer): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^rookery_connections (\d+)/m.exec(text)?.[1]);
}

describe('room for one address', () => {
  const server = serverWith({ WS_MAX_CONNECTIONS_PER_IP: '3', TRUSTED_PROXIES: '127.0.0.1' });

  it('is shared by a /64 of IPv6', async () => {
    const from = (address: string) => ({ 'X-Forwarded-For': address });
    const sockets = await Promise.all(
      [1, 2, 3].map((each) =>
        RawSocket.connect(server.current, `user${each}`, { headers: from(`2001:db8:0:1::${each}`) }),
      ),
    );
    expect(await shake(server.current, from('2001:db8:0:1:ffff::9'))).toMatchObject({ status: 429 });
    expect(await shake(server.current, from('2001:db8:0:2::9'))).toMatchObject({ status: 101 });
    for (const socket of sockets) socket.destroy();
  });

  it('is bounded, in a burst too: 429 with Retry-After', async () => {
    const attempts = [1, 2, 3, 4, 5, 6, 7, 8].map((each) => RawSocket.connect(server.current, `user${each}`));
    const sockets = (await Promise.allSettled(attempts)).filter((result) => result.status === 'fulfilled');
    expect(sockets).toHaveLength(3);
    expect(await shake(server.current)).toEqual({ status: 429, retryAfter: '60' });
    for (const { value } of sockets) value.destroy();
    await expect.poll(async () => (await shake(server.current)).status).toBe(101);
  });
});

describe('the rate of handshakes', () => {
  const server = serverWith({ WS_HANDSHAKE_RATE: '1', TRUSTED_PROXIES: '127.0.0.1' });

  it('is bounded for each address: 429 with Retry-After', async () => {
    const answers = await Promise.all(
      Array.from({ length: 15 }, () => shake(server.current, { 'X-Forwarded-For': '198.51.100.7' })),
    );
    expect(answers.filter(({ status }) => status === 101)).toHaveLength(10);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused).toHaveLength(5);
    for (const { retryAfter } of refused) expect(Number(retryAfter)).toBeGreaterThan(0);
    expect(await shake(server.current, { 'X-Forwarded-For': '198.51.100.8' })).toMatchObject({ status: 101 });
  });

  it('is shared by a /64 of IPv6', async () => {
    const answers = await Promise.all(
      Array.from({ length: 15 }, (_, each) =>
        shake(server.current, { 'X-Forwarded-For': `2001:db8::${each}` }),
      ),
    );
    expect(answers.filter(({ status }) => status === 429)).toHaveLength(5);
  });
});

describe('slow clients', () => {
  const server = serverWith({});

  it('have five seconds for the head of a request', async () => {
    const trickle = 'GET /ws HTTP/1.1\r\nHost: x\r\nX-Slow: ';
    const began = Date.now();
    const answers = Promise.all(
      ['GET', trickle, handshakeText().slice(0, -2)].map((text) => exchange(server.current, text)),
    );
    const slow = await openSocket(server.current);
    slow.write(trickle);
    const drip = setInterval(() => slow.write('x'), 500);
    await new Promise((resolve) => slow.resume().once('close', resolve));
    clearInterval(drip);
    for (const answer of await answers) expect(answer?.status ?? 408).toBe(408);
    expect(Date.now() - began).toBeGreaterThan(4_000);
    expect(Date.now() - began).toBeLessThan(12_000);
  });
});
