import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorData, Frame } from '@rookery/protocol';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { rawFrame } from '../support/raw-frames.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

const PER_CONNECTION = 20;
const PER_USER = 30;

const answersOf = async (client: RawClient, ids: readonly number[]): Promise<Frame[]> => {
  const wanted = new Set<Frame['id']>(ids);
  const found = (): Frame[] => client.frames.filter(({ id }) => wanted.has(id));
  await client.until(() => found().length === ids.length);
  return found();
};
const burst = (client: RawClient, count: number, type = 'ping'): Promise<Frame[]> => {
  const ids = Array.from({ length: count }, (_, index) => 10_000 + index);
  for (const id of ids) client.sendFrame({ type, id });
  return answersOf(client, ids);
};

describe('the rate of commands', () => {
  let server: TestServer;
  beforeAll(async () => {
    server = await TestServer.start({
      env: { WS_RATE_LIMIT: String(PER_CONNECTION), WS_USER_RATE_LIMIT: String(PER_USER) },
    });
  });
  afterAll(() => server.stop());

  it('of one connection is bounded, and each refusal says when to try again', async () => {
    const alice = await RawClient.connect(server, 'alice');
    expect((await alice.event('hello')).data).toMatchObject({
      limits: { commandsPerSecond: PER_CONNECTION },
    });
    const answers = await burst(alice, 3 * PER_CONNECTION);
    const refused = answers.filter(({ type }) => type === 'error').map(({ data }) => data as ErrorData);
    expect(refused.length).toBeGreaterThanOrEqual(PER_CONNECTION);
    for (const refusal of refused) {
      expect(refusal).toEqual({
        code: 'rate_limited',
        message: 'Too many requests',
        retryable: true,
        retryAfter: expect.any(Number),
      });
      expect(refusal.retryAfter).toBeGreaterThan(0);
      expect(refusal.retryAfter).toBeLessThanOrEqual(1);
    }
    expect(answers.map(({ id }) => id)).toEqual(answers.map((_, index) => 10_000 + index));
    await delay(1000 * (refused.at(-1)?.retryAfter ?? 0) + 20);
    await alice.call('ping');
    await alice.close();
  });

  it('counts frames that are none, and commands that do not exist', async () => {
    const bob = await RawClient.connect(server, 'bob');
    for (let index = 0; index < PER_CONNECTION; index++) bob.sendRaw('no');
    const answers = await burst(bob, 10, 'nonsense');
    expect(answers.some(({ data }) => (data as ErrorData).code === 'rate_limited')).toBe(true);
    await bob.close();
  });

  it('of one user is bounded over all his connections, and of nobody else', async () => {
    const devices = await Promise.all([1, 2, 3].map(() => RawClient.connect(server, 'carol')));
    const answers = await Promise.all(devices.map((device) => burst(device, PER_CONNECTION)));
    const done = answers.flat().filter(({ type }) => type === 'pong').length;
    expect(done).toBeGreaterThanOrEqual(PER_USER);
    expect(done).toBeLessThan(3 * PER_CONNECTION);
    const dave = await RawClient.connect(server, 'dave');
    await dave.call('ping');
    await Promise.all([...devices, dave].map((client) => client.close()));
  });

  it('of one user counts what is sent over REST, and not what an administrator sends', async () => {
    const post = async (caller: string, claims?: Record<string, unknown>): Promise<Response> =>
      fetch(`${server.url}/api/v1/messages`, {
        method: 'POST',
        headers: {
          Authorization: `Bearer ${tokenFor(caller, claims)}`,
          'Content-Type': 'application/json',
        },
        body: JSON.stringify({ to: 'bob', kind: 'text', content: 'hi' }),
      });
    const socket = await RawClient.connect(server, 'frank');
    const burstOf = (...caller: Parameters<typeof post>) =>
      Promise.all(Array.from({ length: 2 * PER_USER }, () => post(...caller)));
    const [answers] = await Promise.all([burstOf('frank'), burst(socket, 10)]);
    const refused = answers.filter(({ status }) => status === 429);
    expect(refused.length).toBeGreaterThan(0);
    expect(refused[0]?.headers.get('retry-after')).toBe('1');
    expect(await refused[0]?.json()).toMatchObject({
      code: 'rate_limited',
      retryable: true,
      retryAfter: expect.any(Number),
    });
    const unlimited = await burstOf('root', { roles: ['admin'] });
    expect(unlimited.filter(({ status }) => status !== 201)).toEqual([]);
    await socket.close();
  });

  it('a client that does not listen to 5,000 refusals is closed with 4003', async () => {
    const eve = await RawSocket.connect(server, 'eve');
    const flood = Buffer.concat(Array.from({ length: 500 }, () => rawFrame('{"type":"ping"}')));
    while (!eve.ended && eve.closeCode === undefined) {
      if (!eve.socket.write(flood))
        await new Promise((resolve) => eve.socket.once('drain', resolve).once('close', resolve));
      else await new Promise(setImmediate);
    }
    expect(await eve.closed()).toBe(4003);
  });

  it('puts no name that a client made up into the metrics', async () => {
    const mallory = await RawClient.connect(server, 'mallory');
    for (let index = 0; index < 2 * PER_CONNECTION; index++) mallory.sendFrame({ type: `made-up-${index}` });
    await mallory.until(() => mallory.dataOf('error').length === 2 * PER_CONNECTION);
    mallory.socket.close(4321);
    await mallory.closed();
    const closed = async (): Promise<string> => (await fetch(`${server.url}/metrics`)).text();
    await expect.poll(closed).toContain('rookery_connections_closed_total{code="other"} 1');
    expect(await closed()).not.toContain('made-up');
  });
});

describe('back-pressure', () => {
  let server: TestServer;
  const BUFFER = 128 * 1024;
  beforeAll(async () => {
    const env = { WS_RATE_LIMIT: '1000000', WS_USER_RATE_LIMIT: '1000000', WS_SEND_BUFFER: String(BUFFER) };
    server = await TestServer.start({ env });
  });
  afterAll(() => server.stop());

  it('a client that floods and does not read is read no further, and harms nobody', async () => {
    const friend = await RawClient.connect(server, 'friend');
    await friend.call('chat.send', {
      to: 'flooder',
      kind: 'text',
      content: 'x'.repeat(30_000),
      clientId: 'big',
    });
    const flooder = await RawSocket.connect(server, 'flooder');
    flooder.socket.pause();
    const ask = rawFrame('{"type":"chat.history","id":1,"data":{"to":"friend"}}');
    const flood = Buffer.concat(Array.from({ length: 1000 }, () => ask));
    // What the kernel and the lane take before the server stops reading is less than this.
    let stuck = false;
    for (let sent = 0; sent < 64 * 1024 * 1024 && !stuck; sent += flood.length) {
      const flushed = flooder.socket.write(flood);
      if (!flushed) stuck = !(await drainsWithin(flooder, 2000));
    }
    expect(stuck).toBe(true);
    const began = Date.now();
    for (let index = 0; index < 20; index++) await friend.call('ping');
    expect(Date.now() - began).toBeLessThan(2000);
    flooder.destroy();
    await friend.close();
  });

  it('a page of history ends where its bytes do, at either end, and says that there is more', async () => {
    const judy = await RawClient.connect(server, 'judy');
    const content = 'x'.repeat(30_000);
    for (let seq = 1; seq <= 5; seq++) await judy.call('chat.send', { to: 'ken', kind: 'text', content });
    const page = async (range: { before?: number; after?: number }) => {
      const { messages, more } = await judy.call('chat.history', { to: 'ken', limit: 5, ...range });
      return { seqs: messages.map(({ seq }) => seq), more };
    };
    expect(await page({})).toEqual({ seqs: [4, 5], more: true });
    expect(await page({ before: 4 })).toEqual({ seqs: [2, 3], more: true });
    expect(await page({ before: 2 })).toEqual({ seqs: [1], more: false });
    expect(await page({ after: 0 })).toEqual({ seqs: [1, 2], more: true });
    expect(await page({ after: 3 })).toEqual({ seqs: [4, 5], more: false });
    const rest = await fetch(`${server.url}/api/v1/conversations/dm:judy:ken/messages?limit=5`, {
      headers: { Authorization: `Bearer ${tokenFor('judy')}` },
    });
    expect(await rest.json()).toMatchObject({ messages: [{ seq: 4 }, { seq: 5 }], more: true });
    await judy.close();
  });

  it('a paused client that reads again gets every answer', async () => {
    const client = await RawSocket.connect(server, 'patient');
    client.socket.pause();
    const count = 3000;
    for (let id = 1; id <= count; id++) client.sendJson({ type: 'ping', id });
    client.socket.resume();
    await client.until(() => client.frames.filter(({ type }) => type === 'pong').length === count);
    const ids = client.frames.filter(({ type }) => type === 'pong').map(({ id }) => id);
    expect(ids).toEqual(Array.from({ length: count }, (_, index) => index + 1));
    client.destroy();
  });
});

function drainsWithin({ socket }: RawSocket, milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(false), milliseconds);
    socket.once('drain', () => {
      clearTimeout(timer);
      resolve(true);
    });
  });
}
