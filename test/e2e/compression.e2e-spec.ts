import { randomBytes } from 'node:crypto';
import { constants, deflateRawSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage } from '@rookery/protocol';
import { DialectClient, type DialectName } from '../support/dialect-client.js';
import { SPEECH } from '../support/dialect-speech.js';
import { DialectStage } from '../support/dialect-stage.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { deflatedPayload, Opcode } from '../support/raw-frames.js';
import { exchange, handshakeText } from '../support/raw-http.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

const OFFER = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
const RSV1 = 4;
const MAX_MESSAGE = 65_536;
const MB = 1024 * 1024;
const BROADCAST_SOCKETS = 20;
const DIALECTS = Object.keys(SPEECH) as DialectName[];

const long = 'All of it, and more. '.repeat(500);
const short = 'A few words';

let server: TestServer;
let open: { close(): unknown }[] = [];

beforeAll(async () => {
  server = await TestServer.start({ env: { WS_COMPRESSION: 'true', CHAT_BROADCAST_RATE: '1000' } });
});
afterEach(async () => {
  await Promise.all(open.map((client) => client.close()));
  open = [];
});
afterAll(() => server.stop());

async function client(user: string, perMessageDeflate = true): Promise<RawClient> {
  const connected = await RawClient.connect(server, user, { ws: { perMessageDeflate } });
  open.push(connected);
  return connected;
}

async function raw(user: string, headers: Record<string, string> = OFFER, at = server): Promise<RawSocket> {
  const connected = await RawSocket.connect(at, user, { headers });
  open.push({ close: () => connected.destroy() });
  return connected;
}

/** What the handshake answers to an offer. */
async function agreed(offer: string | undefined, at = server): Promise<string | undefined> {
  const headers = { 'Sec-WebSocket-Extensions': offer, Authorization: `Bearer ${tokenFor('amy')}` };
  const answer = await exchange(at, handshakeText({ headers }));
  expect(answer?.status).toBe(101);
  return answer?.headers['sec-websocket-extensions'];
}

async function metric(name: string): Promise<number> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  return Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
}

const message = (content: string): string =>
  JSON.stringify({ type: 'chat.send', id: 1, data: { to: 'ben', kind: 'text', content } });

describe('what is agreed on', () => {
  const BOTH = 'permessage-deflate; server_no_context_takeover; client_no_context_takeover';

  it.each([
    ['permessage-deflate', BOTH],
    ['permessage-deflate; client_max_window_bits', BOTH],
    ['x-webkit-deflate-frame, permessage-deflate', BOTH],
    ['permessage-deflate; server_max_window_bits=10', `${BOTH}; server_max_window_bits=10`],
  ])('on %s', async (offer, answer) => {
    const found = await agreed(offer);
    expect(found?.split('; ').sort()).toEqual(answer.split('; ').sort());
  });

  it.each([
    [undefined],
    ['x-webkit-deflate-frame'],
    ['permessage-deflate; some_new_parameter'],
    ['permessage-deflate; server_max_window_bits=99'],
    ['permessage-deflate; server_no_context_takeover=1'],
    ['permessage-deflate;;;'],
  ])('nothing on %s, and the client comes in', async (offer) => {
    expect(await agreed(offer)).toBeUndefined();
  });

  it('nothing where it is not switched on', async () => {
    const plain = await TestServer.start();
    try {
      expect(await agreed('permessage-deflate', plain)).toBeUndefined();
      const socket = await raw('amy', OFFER, plain);
      socket.send({ rsv: RSV1, payload: deflatedPayload('{"type":"ping","id":1}') });
      expect(await socket.closed()).toBe(1002);
    } finally {
      await plain.stop();
    }
  });
});

describe('messages', () => {
  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])('arrive equal; sender compresses: %s, receiver: %s', async (sends, receives) => {
    const [user, friend] = [`amy-${sends}-${receives}`, `ben-${sends}-${receives}`];
    const [amy, ben] = await Promise.all([client(user, sends), client(friend, receives)]);
    expect([amy.socket.extensions, ben.socket.extensions]).toEqual(
      [sends, receives].map((on) => (on ? 'permessage-deflate' : '')),
    );
    const contents = Array.from({ length: 40 }, (_, index) => `${index} ${index % 2 ? long : short}鴉`);
    await Promise.all(
      contents.map((content) => amy.call('chat.send', { to: friend, kind: 'text', content })),
    );
    await ben.until(() => ben.dataOf('chat.message').length === contents.length);
    expect(ben.dataOf<ChatMessage>('chat.message').map(({ content }) => content)).toEqual(contents);
    const { messages } = await ben.call('chat.history', { conversation: `dm:${user}:${friend}`, limit: 20 });
    expect(messages.length).toBe(20);
  });

  it('are compressed from 1 KiB on, and what is shorter is not', async () => {
    const ben = await raw('ben');
    const amy = await client('amy');
    await amy.call('chat.send', { to: 'ben', kind: 'text', content: short });
    await amy.call('chat.send', { to: 'ben', kind: 'text', content: long });
    await ben.until(() => ben.frames.filter(({ type }) => type === 'chat.message').length === 2);
    expect(ben.compressed.map(({ data }) => (data as ChatMessage).content)).toEqual([long]);
    ben.send({ opcode: Opcode.Ping, payload: 'still here' });
    await ben.until(() => ben.pongs.length === 1);
    expect(ben.pongs[0]?.toString()).toBe('still here');
  });

  it('are not compressed for whom does not offer it, or takes only a narrow window', async () => {
    const others = await Promise.all([
      raw('cleo', {}),
      raw('cleo', { 'Sec-WebSocket-Extensions': 'permessage-deflate; server_max_window_bits=10' }),
    ]);
    const amy = await client('amy');
    await amy.call('chat.send', { to: 'cleo', kind: 'text', content: long });
    for (const other of others) {
      const { data } = await other.frame(({ type }) => type === 'chat.message');
      expect((data as ChatMessage).content).toBe(long);
      expect(other.compressed).toEqual([]);
    }
  });

  it(`are compressed once for ${BROADCAST_SOCKETS} sockets`, async () => {
    const names = Array.from({ length: BROADCAST_SOCKETS }, (_, index) => `reader-${index}`);
    const readers = await Promise.all(names.map((name) => raw(name)));
    const amy = await client('amy', false);
    const before = await metric('rookery_messages_deflated_total');
    await amy.call('chat.broadcast', { kind: 'text', content: long });
    for (const reader of readers) {
      const told = await reader.frame(({ type }) => type === 'chat.broadcast');
      expect((told.data as ChatMessage).content).toBe(long);
      expect(reader.compressed).toEqual([told]);
    }
    expect(await metric('rookery_messages_deflated_total')).toBe(before + 1);
  });

  it.each(DIALECTS)(
    'of %s are compressed both ways, arrive equal, and count as delivered',
    async (dialect) => {
      const [a, b] = [`${dialect}-a`, `${dialect}-b`];
      const stage = DialectStage.around(server);
      const receiver = dialect === 'gozero' ? await stage.group([a, b]) : b;
      const [dora, eve] = await Promise.all(
        [a, b].map((user) => DialectClient.connect(server, dialect, user)),
      );
      if (!dora || !eve) throw new Error('not connected');
      open.push(dora, eve);
      expect([dora.socket.extensions, eve.socket.extensions]).toEqual(Array(2).fill('permessage-deflate'));
      const before = await metric('rookery_messages_deflated_total');
      const contents = Array.from({ length: 20 }, (_, index) => `${index} ${index % 2 ? long : short}鴉`);
      const speech = SPEECH[dialect];
      for (const [index, content] of contents.entries())
        for (const frame of speech.text(receiver, content, `c${index}`)) dora.send(frame);
      const shown = (): unknown[] => eve.frames.flatMap((frame) => speech.shown(frame)?.content ?? []);
      await eve.until(() => shown().length === contents.length);
      expect(shown()).toEqual(contents);
      await stage.delivered(b);
      const said = await metric('rookery_messages_deflated_total');
      expect(said - before).toBeGreaterThanOrEqual(contents.length / 2);
      await stage.disconnectAll();
    },
  );

  it('in pieces, and many in one packet, are inflated in order', async () => {
    const amy = await raw('amy');
    const payload = deflatedPayload(message(long));
    const middle = Math.floor(payload.length / 2);
    amy.send(
      { rsv: RSV1, fin: false, payload: payload.subarray(0, middle) },
      { opcode: Opcode.Continuation, payload: payload.subarray(middle) },
    );
    expect(await amy.frame(({ id }) => id === 1)).toMatchObject({ type: 'ok' });

    const ids = Array.from({ length: 100 }, (_, index) => `p${index}`);
    const pings = ids.map((id) => JSON.stringify({ type: 'ping', id }));
    amy.send(
      ...pings.map((ping, index) => (index % 3 ? { rsv: RSV1, payload: deflatedPayload(ping) } : ping)),
    );
    await amy.frame(({ id }) => id === ids.at(-1));
    expect(amy.frames.filter(({ type }) => type === 'pong').map(({ id }) => id)).toEqual(ids);
  });
});

describe('a hostile client', () => {
  /** Zeros, small on the wire: no more than a frame may have. */
  const bomb = (bytes: number): Buffer =>
    deflateRawSync(Buffer.alloc(bytes), { finishFlush: constants.Z_SYNC_FLUSH, level: 9 }).subarray(0, -4);

  it('is closed with 1009 for a small frame that would be 10 MB', async () => {
    const socket = await raw('mallory');
    const payload = bomb(10 * MB);
    expect(payload.length).toBeLessThan(MAX_MESSAGE);
    socket.send({ rsv: RSV1, payload });
    expect(await socket.closed()).toBe(1009);
  });

  it('is closed with 1009 just above the limit, and heard just below', async () => {
    const ping = '{"type":"ping","id":1}';
    const socket = await raw('mallory');
    socket.send({ rsv: RSV1, payload: deflatedPayload(ping.padEnd(MAX_MESSAGE)) });
    expect(await socket.frame(({ id }) => id === 1)).toMatchObject({ type: 'pong' });
    socket.send({ rsv: RSV1, payload: deflatedPayload(ping.padEnd(MAX_MESSAGE + 1)) });
    expect(await socket.closed()).toBe(1009);
  });

  it('gains nothing by pieces that are small each', async () => {
    const socket = await raw('mallory');
    const payload = deflatedPayload(randomBytes(40_000).toString('hex'));
    expect(payload.length).toBeLessThan(MAX_MESSAGE);
    const size = Math.ceil(payload.length / 3);
    socket.send(
      { rsv: RSV1, fin: false, payload: payload.subarray(0, size) },
      { opcode: Opcode.Continuation, fin: false, payload: payload.subarray(size, 2 * size) },
      { opcode: Opcode.Continuation, payload: payload.subarray(2 * size) },
    );
    expect(await socket.closed()).toBe(1009);
  });

  it.each([
    ['what is not deflated', { rsv: RSV1, payload: Buffer.alloc(100, 0xff) }, 1007],
    ['a compressed ping', { rsv: RSV1, opcode: Opcode.Ping, payload: deflatedPayload('x') }, 1002],
    [
      'a continuation with the bit of the first frame',
      { rsv: RSV1, opcode: Opcode.Continuation, payload: 'x' },
      1002,
    ],
  ])('is closed for %s', async (_what, shape, code) => {
    const socket = await raw('mallory');
    socket.send(shape);
    expect(await socket.closed()).toBe(code);
  });

  it('cannot make the memory grow, and the others are served', async () => {
    const amy = await client('amy');
    const payload = bomb(50 * MB);
    expect(payload.length).toBeLessThan(MAX_MESSAGE);
    const before = await metric('process_resident_memory_bytes');
    const sockets = await Promise.all(Array.from({ length: 40 }, (_, index) => raw(`mallory-${index}`)));
    for (const socket of sockets) socket.send({ rsv: RSV1, payload });
    expect(new Set(await Promise.all(sockets.map((socket) => socket.closed())))).toEqual(new Set([1009]));
    expect(await amy.call('chat.send', { to: 'ben', kind: 'text', content: long })).toMatchObject({
      duplicate: false,
    });
    expect((await metric('process_resident_memory_bytes')) - before).toBeLessThan(100 * MB);
  });
});
