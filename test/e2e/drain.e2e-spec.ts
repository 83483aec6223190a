import { request } from 'node:http';
import { once } from 'node:events';
import { afterEach, describe, expect, it } from 'vitest';
import type { Frame } from '@rookery/protocol';
import { faultsOf, judge, summary } from '../support/checker.js';
import { databaseHistory } from '../support/history.js';
import { Load } from '../support/load.js';
import { statusOf, untilStatus } from '../support/operations.js';
import { tokenFor } from '../support/raw-client.js';
import { converse, handshakeText, openSocket } from '../support/raw-http.js';
import { TestServer } from '../support/server.js';
import { Wire } from '../support/wire.js';

/** Seconds. */
const DRAIN = 4;
const GOING_AWAY = 1001;
/** Of a sender that has nothing more to send. */
const OWN_CLOSE = 1000;
const SENDERS = { a: ['b', 'c'], b: ['a'], c: ['a', 'b'], d: ['a', 'e', 'f'] };
const IDLE = 40;

interface Watcher {
  wire: Wire;
  events: Frame[];
}

describe('a server that is told to end', () => {
  let server: TestServer;
  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  const start = async (): Promise<TestServer> => {
    const env = { LOG_LEVEL: 'error', SHUTDOWN_DRAIN: String(DRAIN) };
    server = await TestServer.start({ env });
    cleanUps.push(() => server.stop());
    return server;
  };
  const load = (): Load => {
    const running = new Load(server, { senders: SENDERS, pipeline: 8 });
    cleanUps.push(() => running.abandon());
    return running;
  };
  const watch = async (user: string): Promise<Watcher> => {
    const events: Frame[] = [];
    const wire = await Wire.connect(server, user, { onEvent: (frame) => events.push(frame) });
    await wire.call('ping');
    return { wire, events };
  };
  /** A client that never answers the closing handshake keeps the drain going to its limit. */
  const holdOpen = async (): Promise<Wire> => {
    const { wire } = await watch('stubborn');
    wire.socket.pause();
    return wire;
  };
  const typesOf = ({ events }: Watcher): string[] => events.map(({ type }) => type);

  it('tells every client to move, keeps what it acknowledged, and ends with 0 in time', async () => {
    await start();
    const running = load();
    const watchers = await Promise.all(Array.from({ length: IDLE }, (_, index) => watch(`w${index}`)));
    await running.acknowledged.until(500);
    const begun = performance.now();
    const exit = server.signal('SIGTERM');
    expect(await Promise.all(watchers.map(({ wire }) => wire.closed))).toEqual(
      watchers.map(() => GOING_AWAY),
    );
    expect(await exit).toBe(0);
    expect(performance.now() - begun).toBeLessThan(DRAIN * 1000);
    for (const watcher of watchers) {
      expect(typesOf(watcher).filter((type) => type === 'goaway')).toHaveLength(1);
      const { data } = watcher.events.find(({ type }) => type === 'goaway') as Frame<
        string,
        { retryAfter: number }
      >;
      expect(data?.retryAfter).toBeGreaterThan(0);
    }
    expect(faultsOf(judge(running.sent, await databaseHistory(server.databaseUrl)))).toEqual({});

    const before = running.acknowledged.count;
    await server.restart();
    await running.acknowledged.until(before + 200);
    await running.stop();
    expect(running.closes.filter((code) => code === GOING_AWAY).length).toBeGreaterThan(0);
    const verdict = judge(running.sent, await databaseHistory(server.databaseUrl));
    console.log(`SIGTERM under load: closes ${[...new Set(running.closes)].join(' ')}, ${summary(verdict)}`);
    expect(faultsOf(verdict)).toEqual({});
    expect(verdict.unknown).toEqual([]);
  });

  it('closes every connection that is under load with 1001, round after round', async () => {
    await start();
    const running = load();
    const rounds = 5;
    for (let round = 0; round < rounds; round++) {
      await running.acknowledged.until(running.acknowledged.count + 300);
      expect(await server.signal('SIGTERM')).toBe(0);
      await server.restart();
    }
    await running.stop();
    const verdict = judge(running.sent, await databaseHistory(server.databaseUrl));
    console.log(`SIGTERM under load: rounds ${rounds}, ${summary(verdict)}`);
    expect(faultsOf(verdict)).toEqual({});
    expect(verdict.unknown).toEqual([]);
    expect(running.closes.filter((code) => code === GOING_AWAY).length).toBeGreaterThanOrEqual(rounds);
    expect(running.closes.filter((code) => code !== GOING_AWAY && code !== OWN_CLOSE)).toEqual([]);
  });

  it('is not ready and takes nobody in while it drains, and answers the requests that it has', async () => {
    await start();
    await holdOpen();
    const body = JSON.stringify({ to: 'bob', kind: 'text', content: 'in flight' });
    const post = request(`${server.url}/api/v1/messages`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${tokenFor('alice')}`,
        'Content-Type': 'application/json',
        'Content-Length': Buffer.byteLength(body),
      },
    });
    post.write(body.slice(0, 10));
    expect(await statusOf(server, '/health')).toBe(200);

    const exit = server.signal('SIGTERM');
    await untilStatus(server, '/health', 503);
    expect(await statusOf(server, '/health/ready')).toBe(503);
    expect(await statusOf(server, '/health/live')).toBe(200);
    await expect(Wire.connect(server, 'late')).rejects.toThrow('503');
    post.end(body.slice(10));
    const [response] = (await once(post, 'response')) as [NodeJS.ReadableStream & { statusCode: number }];
    response.resume();
    expect(response.statusCode).toBe(201);

    expect(await exit).toBe(0);
    expect(await databaseHistory(server.databaseUrl)).toMatchObject([
      { sender: 'alice', content: 'in flight' },
    ]);
  });

  it('says so to a handshake that comes when it has stopped listening, too', async () => {
    await start();
    const socket = await openSocket({ port: server.port });
    expect(await statusOf(server, '/health')).toBe(200);
    const exit = server.signal('SIGTERM');
    const isListening = (): Promise<boolean> =>
      openSocket({ port: server.port }).then(
        (other) => !!other.destroy(),
        () => false,
      );
    while (await isListening());
    const headers = { Authorization: `Bearer ${tokenFor('late')}` };
    expect((await converse(socket, handshakeText({ headers })))?.answer).toMatchObject({ status: 503 });
    expect(await exit).toBe(0);
  });

  it('ends with 0 although a request never ends', async () => {
    await start();
    const headers = { Authorization: `Bearer ${tokenFor('alice')}`, 'Content-Length': 100 };
    const post = request(`${server.url}/api/v1/messages`, { method: 'POST', headers });
    post.on('error', () => undefined);
    post.write('{');
    expect(await statusOf(server, '/health')).toBe(200);
    const begun = performance.now();
    expect(await server.signal('SIGTERM')).toBe(0);
    expect(performance.now() - begun).toBeLessThan((DRAIN + 1) * 1000);
  });
});
