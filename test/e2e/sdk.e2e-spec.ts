import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import {
  RookeryClient,
  StateCode,
  type ChatMessage,
  type ClientEvents,
  type ClientOptions,
  type SendReceipt,
  type StateChange,
} from '@rookery/client';
import type { StoredMessage } from '../support/checker.js';
import { databaseHistory } from '../support/history.js';
import { Milestones } from '../support/milestones.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer, type ServerOptions } from '../support/server.js';

const AMY_BEN = 'dm:amy:ben';
const text = (content: string) => ({ kind: 'text' as const, content });
const shortLived = (user: string, seconds: number): string =>
  tokenFor(user, { exp: Math.floor(Date.now() / 1000) + seconds });

let server: TestServer;
let clients: RookeryClient[] = [];

function useServer(options: ServerOptions = {}): void {
  beforeEach(async () => {
    server = await TestServer.start({ ...options, env: { LOG_LEVEL: 'error', ...options.env } });
  });
  afterEach(async () => {
    for (const client of clients) client.disconnect();
    clients = [];
    await server.stop();
  });
}

/** A client that is about to connect, and what it says. */
function open(user: string, options: Partial<ClientOptions> = {}) {
  const eager = { minReconnectionDelay: 50, maxReconnectionDelay: 200 };
  const defaults = { token: tokenFor(user), device: `${user}-1`, webSocket: WebSocket, ...eager };
  const client = new RookeryClient(server.wsUrl, { ...defaults, ...options });
  clients.push(client);
  const log: ChatMessage[] = [];
  const states: StateChange[] = [];
  client.on('message', (message) => log.push(message));
  client.on('stateChange', (change) => states.push(change));
  client.connect();
  return { client, log, states };
}

/** The next event that fits. */
function next<Name extends keyof ClientEvents>(
  client: RookeryClient,
  name: Name,
  fits: (data: ClientEvents[Name]) => boolean = () => true,
): Promise<ClientEvents[Name]> {
  return new Promise((resolve) => {
    const off = client.on(name, (data) => {
      if (!fits(data)) return;
      off();
      resolve(data);
    });
  });
}

describe('two people with the SDK', () => {
  useServer();

  it('talk, and see what has become of what they wrote', async () => {
    const [amy, ben] = [open('amy'), open('ben')];
    await Promise.all([amy.client.ready(), ben.client.ready()]);
    const arrived = next(ben.client, 'message');
    const delivered = next(amy.client, 'receipt', ({ kind, seq }) => kind === 'delivered' && seq === 1);
    const receipt = await amy.client.send({ to: 'ben' }, text('Hello Ben'), { clientId: 'k1' });
    expect(receipt).toEqual({
      conversation: AMY_BEN,
      seq: 1,
      id: `${AMY_BEN}#1`,
      time: expect.any(Number),
      duplicate: false,
    });
    expect(await arrived).toEqual(amy.log[0]);
    await delivered;
    const read = next(amy.client, 'receipt', ({ kind }) => kind === 'read');
    ben.client.markRead(AMY_BEN, 1);
    expect(await read).toMatchObject({ user: 'ben', seq: 1 });
    const typing = next(amy.client, 'typing');
    ben.client.typing({ to: 'amy' });
    expect(await typing).toEqual({ conversation: AMY_BEN, from: 'ben', active: true });
    expect((await ben.client.history({ to: 'amy' })).messages).toHaveLength(1);
    for await (const page of amy.client.sync()) expect(page).toMatchObject([{ peer: 'ben', peerRead: 1 }]);
  });

  it('get what was sent while they were away, and once', async () => {
    const first = open('ben');
    await next(first.client, 'synced');
    const amy = open('amy');
    await amy.client.send({ to: 'ben' }, text('1'));
    while (first.log.length < 1) await next(first.client, 'message');
    first.client.disconnect();
    await amy.client.send({ to: 'ben' }, text('2'));
    const second = open('ben');
    await next(second.client, 'synced');
    expect(second.log.map(({ content }) => content)).toEqual(['2']);
  });

  it('are told which of their messages cannot be sent', async () => {
    const { client } = open('amy');
    await expect(client.send({ to: 'ben' }, text(''))).rejects.toMatchObject({
      code: 'invalid',
      retryable: false,
      details: [{ field: 'content' }],
    });
    await expect(client.send({ conversation: 'dm:eve:zoe' }, text('x'))).rejects.toMatchObject({
      code: 'not_found',
    });
  });
});

describe('a server that is killed under load', () => {
  useServer();
  const ROUNDS = 4;
  const PER_ROUND = 40;

  it('costs neither a message nor the order, in no log', async () => {
    const [amy, ben, zoe] = [open('amy'), open('ben'), open('zoe')];
    const acknowledged = new Milestones();
    const stop = new AbortController();
    const talk = async ({ client }: typeof amy, to: string): Promise<SendReceipt[]> => {
      const receipts: SendReceipt[] = [];
      for (let n = 0; !stop.signal.aborted; n++) {
        const batch = [0, 1, 2].map((i) => client.send({ to }, text(`${client.user} ${n}.${i}`)));
        receipts.push(...(await Promise.all(batch)));
        acknowledged.add();
      }
      return receipts;
    };
    const talks = [talk(amy, 'ben'), talk(ben, 'amy'), talk(amy, 'zoe'), talk(zoe, 'amy')];
    for (let round = 0; round < ROUNDS; round++) {
      await acknowledged.until(acknowledged.count + PER_ROUND);
      await server.kill();
      await server.restart();
    }
    stop.abort();
    const receipts = await Promise.all(talks);
    const stored = await databaseHistory(server.databaseUrl);
    expect(stored).toHaveLength(receipts.flat().length);
    for (const { client, log } of [amy, ben, zoe]) {
      const mine = stored.filter(({ conversation }) =>
        conversation.split(':').includes(client.user as string),
      );
      while (log.length < mine.length) await next(client, 'message');
      expect(byConversation(log.map(toStored))).toEqual(mine);
    }
    for (const each of receipts) expect(each.map(({ seq }) => seq)).toEqual(ascending(each));
  });
});

const toStored = ({ conversation, seq, from, clientId, content }: ChatMessage): StoredMessage => ({
  conversation,
  seq,
  sender: from,
  clientId: clientId ?? '',
  content: content as string,
});
/** The order within each conversation is left as it was: it is what is looked at. */
const byConversation = (log: StoredMessage[]): StoredMessage[] =>
  log.toSorted((a, b) => (a.conversation < b.conversation ? -1 : Number(a.conversation > b.conversation)));
const ascending = (receipts: SendReceipt[]): number[] =>
  receipts.map(({ seq }) => seq).toSorted((a, b) => a - b);

describe('a token that ends', () => {
  useServer({ env: { JWT_LEEWAY: '1' } });

  it('is renewed on the living connection', async () => {
    const witness = await RawClient.connect(server, 'zoe', { token: shortLived('zoe', 3) });
    const tokens = [shortLived('amy', 3), tokenFor('amy')];
    let asked = 0;
    const { client, states } = open('amy', { token: async () => tokens[asked++] ?? '' });
    await client.ready();
    const connection = client.hello?.connection;
    expect(await witness.closed()).toBe(4002);
    expect((await client.send({ to: 'ben' }, text('still here'))).seq).toBe(1);
    expect([asked, client.hello?.connection, states.length]).toEqual([2, connection, 2]);
  });

  it('brings the client back with another when it could not be renewed in time', async () => {
    let asked = 0;
    const token = async (): Promise<string> => {
      if (++asked === 2) throw new Error('the issuer is away');
      return asked === 1 ? shortLived('amy', 3) : tokenFor('amy');
    };
    const { client, states } = open('amy', { token });
    await client.ready();
    await next(client, 'stateChange', ({ state }) => state === 'connected');
    expect(states.map(({ state, code }) => [state, code]).slice(2)).toEqual([
      ['connecting', 4002],
      ['connected', StateCode.Greeted],
    ]);
  });

  it('that was refused says why, and ends it', async () => {
    const { client } = open('amy', { token: `${tokenFor('amy')}x` });
    const error = next(client, 'error');
    const end = await next(client, 'stateChange', ({ state }) => state === 'disconnected');
    expect(end.code).toBe(4500);
    expect(await error).toMatchObject({ code: 'unauthenticated', retryable: false });
  });
});

describe('a client that should not come back', () => {
  useServer();

  it('does not, when a newer connection took its place', async () => {
    const first = open('amy');
    await first.client.ready();
    const second = open('amy');
    const end = await next(first.client, 'stateChange', ({ state }) => state === 'disconnected');
    expect(end.code).toBe(4501);
    await second.client.send({ to: 'ben' }, text('me'));
    expect([first.client.state, second.client.state]).toEqual(['disconnected', 'connected']);
    expect(first.states).toHaveLength(3);
  });

  it('does not after maxRetries, until it is told to', async () => {
    const { client } = open('amy', { maxRetries: 2 });
    await client.ready();
    const sent = next(client, 'stateChange', ({ state }) => state === 'disconnected');
    await server.kill();
    expect((await sent).code).toBe(StateCode.RetriesExhausted);
    const kept = client.send({ to: 'ben' }, text('later'));
    await server.restart();
    expect(client.state).toBe('disconnected');
    client.connect();
    expect((await kept).seq).toBe(1);
  });

  it('comes back after a shutdown, when the server asked it to', async () => {
    const { client, states } = open('amy');
    await client.ready();
    const back = next(client, 'stateChange', ({ state }) => state === 'connected');
    const told = performance.now();
    await server.signal('SIGTERM');
    await server.restart();
    await back;
    expect(states.at(-2)?.code).toBe(1001);
    expect(performance.now() - told).toBeGreaterThanOrEqual(1000);
  });
});

describe('a quiet line', () => {
  useServer({ env: { WS_PING_INTERVAL: '1', WS_PONG_TIMEOUT: '3' } });

  it('is kept by asking for signs of life', async () => {
    const { client, states } = open('amy');
    await client.ready();
    const witness = await RawClient.connect(server, 'zoe', { ws: { autoPong: false } });
    expect(await witness.closed()).toBe(4000);
    expect(states).toHaveLength(2);
  });
});
