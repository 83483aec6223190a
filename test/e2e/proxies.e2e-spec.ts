import { request } from 'node:https';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ClientOptions } from 'ws';
import { DialectClient, PATHS, type DialectName } from '../support/dialect-client.js';
import { SPEECH } from '../support/dialect-speech.js';
import { DialectStage } from '../support/dialect-stage.js';
import { Proxy, hasProxy, type ProxyName } from '../support/proxy.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer, type ServerOptions } from '../support/server.js';

/** Where nginx and HAProxy call from. */
const BEHIND = { TRUSTED_PROXIES: '127.0.0.1' };
/** Seconds, where a test waits for it. */
const SHORT = 2;

const names: ProxyName[] = ['nginx', 'haproxy'];
const DIALECTS = Object.keys(PATHS) as DialectName[];

describe.each(names)('behind %s', (name) => {
  const isHere = hasProxy(name);
  const servers: TestServer[] = [];
  const clients: RawClient[] = [];
  const dialectClients: DialectClient[] = [];
  let proxy: Proxy | undefined;

  beforeEach(({ skip }) => skip(!isHere, 'not installed'));
  afterEach(async () => {
    for (const client of clients.splice(0)) client.terminate();
    for (const client of dialectClients.splice(0)) client.socket.terminate();
    await proxy?.stop();
    proxy = undefined;
    await Promise.all(servers.splice(0).map((server) => server.stop()));
  });

  async function start(env: ServerOptions['env'] = {}, count = 1, idleTimeout?: number): Promise<void> {
    for (let made = 0; made < count; made++)
      servers.push(await TestServer.start({ env: { ...BEHIND, ...env } }));
    proxy = await Proxy.start(name, { servers: servers.map(({ port }) => port), idleTimeout });
  }

  const port = (): number => (proxy as Proxy).port;

  async function connect(user: string, ws: ClientOptions = {}): Promise<RawClient> {
    const client = await RawClient.connect({ port: port() }, user, { ws: { ca: Proxy.ca, ...ws } });
    clients.push(client);
    return client;
  }

  const ask = (path: string, localAddress?: string, headers: Record<string, string> = {}): Promise<number> =>
    new Promise((resolve, reject) => {
      const options = {
        host: '127.0.0.1',
        port: port(),
        path,
        ca: Proxy.ca,
        localAddress,
        headers,
        agent: false,
      };
      request(options, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      })
        .once('error', reject)
        .end();
    });

  /** Users connected to a server, as it says itself. */
  async function online(server: TestServer): Promise<string[]> {
    const headers = { Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}` };
    const answer = await fetch(`${server.url}/api/ws/status`, { headers });
    return ((await answer.json()) as { online_users: string[] }).online_users;
  }

  it('two users talk over TLS, and REST answers', async () => {
    await start();
    const [ann, bob] = [await connect('ann'), await connect('bob')];
    const content = 'x'.repeat(20_000);
    await ann.call('chat.send', { to: 'bob', kind: 'text', content });
    expect((await bob.event('chat.message')).data).toMatchObject({ from: 'ann', content });
    const token = { Authorization: `Bearer ${tokenFor('ann')}` };
    expect(await ask('/api/v1/conversations', undefined, token)).toBe(200);
    expect(await ask('/api/ws/status')).toBe(401);
  });

  it('what needs no token is not for the outside', async () => {
    await start();
    const paths = ['/metrics', '/stats', '/health', '/health/ready'];
    expect(await Promise.all(paths.map((path) => ask(path)))).toEqual([403, 403, 403, 403]);
  });

  it('a refused handshake says why', async () => {
    await start();
    await expect(connect('ann', { headers: { Authorization: 'Bearer none' } })).rejects.toThrow('401');
  });

  it('pings keep an idle connection beyond the time-out of the proxy', async () => {
    await start({ WS_PING_INTERVAL: '0.5', WS_PONG_TIMEOUT: '5' }, 1, SHORT);
    const ann = await connect('ann');
    const since = Date.now();
    let pings = 0;
    await new Promise<void>((resolve) => {
      ann.socket.on('ping', () => {
        pings++;
        if (Date.now() - since > 2.5 * SHORT * 1000) resolve();
      });
      ann.socket.on('close', () => resolve());
    });
    expect(ann.closeCode).toBeUndefined();
    expect(pings).toBeGreaterThan(5);
    expect(await ann.call('ping')).toEqual({ time: expect.any(Number) });
  });

  it('without pings the proxy cuts it (control)', async () => {
    await start({ WS_PING_INTERVAL: '60', WS_PONG_TIMEOUT: '120' }, 1, SHORT);
    const ann = await connect('ann');
    expect(await ann.closed()).toBe(1006);
  });

  it('the server sees the address of the client: a blocked one is refused, another is not', async () => {
    await start({ IP_BLOCKLIST: '127.0.0.66' });
    await expect(connect('ann', { localAddress: '127.0.0.66' })).rejects.toThrow('403');
    expect(await ask('/docs-json', '127.0.0.66')).toBe(403);
    // What a client writes into the header itself is not believed, either way.
    const forged = { 'X-Forwarded-For': '127.0.0.67' };
    expect(await ask('/docs-json', '127.0.0.66', forged)).toBe(403);
    expect(await ask('/docs-json', '127.0.0.67', { 'X-Forwarded-For': '127.0.0.66' })).toBe(200);
    expect(await (await connect('bob', { localAddress: '127.0.0.67' })).call('ping')).toEqual({
      time: expect.any(Number),
    });
  });

  it('the room for one address is for one client, not for all behind the proxy', async () => {
    await start({ WS_MAX_CONNECTIONS_PER_IP: '1' });
    await connect('ann', { localAddress: '127.0.0.71' });
    await expect(connect('ben', { localAddress: '127.0.0.71' })).rejects.toThrow('429');
    await connect('cid', { localAddress: '127.0.0.72' });
  });

  it.each(DIALECTS)('%s goes through, both ways, with the address of the client', async (dialect) => {
    await start({ IP_BLOCKLIST: '127.0.0.66' });
    const stage = DialectStage.around(servers[0] as TestServer);
    const receiver = dialect === 'gozero' ? await stage.group(['ann', 'bob'], { id: 'G1' }) : 'bob';
    const join = async (user: string, localAddress: string): Promise<DialectClient> => {
      const ws = { ca: Proxy.ca, localAddress };
      const client = await DialectClient.connect({ port: port() }, dialect, user, { ws });
      dialectClients.push(client);
      return client;
    };
    await expect(join('ann', '127.0.0.66')).rejects.toThrow('403');
    const [ann, bob] = [await join('ann', '127.0.0.67'), await join('bob', '127.0.0.68')];
    const { text, shown } = SPEECH[dialect];
    const content = `${'x'.repeat(20_000)}鴉`;
    for (const frame of text(receiver, content, 'c1')) ann.send(frame);
    await bob.until(() => bob.frames.some((frame) => shown(frame)?.content === content));
    // The answer to a ping goes through as well.
    await stage.delivered('bob');
    for (const path of Object.values(PATHS)) expect(await ask(path)).toBe(426);
  });

  it('a server that ends says so through the proxy, and another one takes every new client', async () => {
    await start({ SHUTDOWN_DRAIN: '3' }, 2);
    const ann = await connect('ann');
    const [first, second] = servers as [TestServer, TestServer];
    const [old, other] = (await online(first)).includes('ann') ? [first, second] : [second, first];
    // Keeps the old one draining: it goes only when the time is over.
    const stubborn = await RawClient.connect(old, 'stubborn');
    stubborn.socket.pause();

    const ended = old.signal('SIGTERM');
    await ann.event('goaway');
    const newcomers = Array.from({ length: 10 }, (_, index) => `new-${index}`);
    for (const user of newcomers) await connect(user);
    expect(await ann.closed()).toBe(1001);
    expect(await ended).toBe(0);
    for (const user of newcomers) await connect(`${user}-later`);
    expect((await online(other)).length).toBe(2 * newcomers.length);
    stubborn.terminate();
  });
});
