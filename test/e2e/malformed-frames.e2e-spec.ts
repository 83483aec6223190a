import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorData } from '@rookery/protocol';
import { closePayload, Opcode, rawFrame, type FrameShape } from '../support/raw-frames.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

let server: TestServer;
let open: RawSocket[] = [];

beforeAll(async () => {
  server = await TestServer.start({ env: { WS_PING_INTERVAL: '1', WS_PONG_TIMEOUT: '3' } });
});
afterEach(() => {
  for (const socket of open) socket.destroy();
  open = [];
});
afterAll(() => server.stop());

const connect = async (user = 'alice'): Promise<RawSocket> => {
  const socket = await RawSocket.connect(server, user);
  open.push(socket);
  return socket;
};
/** Code of the close frame after these frames. */
const closeAfter = async (...frames: (FrameShape | Buffer)[]): Promise<number | undefined> => {
  const socket = await connect();
  socket.send(...frames);
  return socket.closed();
};
const expectAlive = async (socket: RawSocket): Promise<void> =>
  expect(await socket.answerTo('ping')).toMatchObject({ type: 'pong' });

describe('a frame against RFC 6455', () => {
  const text = '{"type":"ping"}';

  it.each([
    ['without a mask', [{ payload: text, masked: false }], 1002],
    ['an empty one without a mask', [{ masked: false }], 1002],
    ['a ping without a mask', [{ opcode: Opcode.Ping, masked: false }], 1002],
    ...[3, 4, 5, 6, 7, 11, 12, 13, 14, 15].map((opcode): [string, FrameShape[], number] => [
      `of the reserved opcode ${opcode}`,
      [{ opcode, payload: 'x' }],
      1002,
    ]),
    ...[1, 2, 3, 4, 7].map((rsv): [string, FrameShape[], number] => [
      `with the reserved bits ${rsv}`,
      [{ rsv, payload: text }],
      1002,
    ]),
    ['a ping of 126 bytes', [{ opcode: Opcode.Ping, payload: 'x'.repeat(126) }], 1002],
    ['a close of 126 bytes', [{ opcode: Opcode.Close, payload: closePayload(1000, 'x'.repeat(124)) }], 1002],
    ['a ping in pieces', [{ opcode: Opcode.Ping, fin: false }], 1002],
    ['a close in pieces', [{ opcode: Opcode.Close, fin: false }], 1002],
    ['a close of one byte', [{ opcode: Opcode.Close, payload: 'x' }], 1002],
    ...[0, 999, 1004, 1005, 1006, 1015, 1016, 2999, 5000, 65_535].map(
      (code): [string, FrameShape[], number] => [
        `a close with the code ${code}`,
        [{ opcode: Opcode.Close, payload: closePayload(code) }],
        1002,
      ],
    ),
    ['a continuation of nothing', [{ opcode: Opcode.Continuation, payload: text }], 1002],
    ['a new message within a message', [{ fin: false, payload: 'a' }, { payload: 'b' }], 1002],
    ['text that is not UTF-8', [{ payload: Buffer.from([0xff, 0xfe]) }], 1007],
    ['text that is cut in a character', [{ payload: Buffer.from([0x22, 0xe9, 0xb4]) }], 1007],
    ['an overlong encoding', [{ payload: Buffer.from([0xc0, 0xaf]) }], 1007],
    ['an encoded surrogate', [{ payload: Buffer.from([0xed, 0xa0, 0x80]) }], 1007],
    ['a character beyond Unicode', [{ payload: Buffer.from([0xf4, 0x90, 0x80, 0x80]) }], 1007],
    [
      'a close reason that is not UTF-8',
      [{ opcode: Opcode.Close, payload: closePayload(1000, Buffer.from([0xff])) }],
      1007,
    ],
  ] as [string, FrameShape[], number][])('%s closes with its code', async (_what, frames, code) => {
    expect(await closeAfter(...frames)).toBe(code);
  });

  it.each([1000, 1001, 1011, 3000, 4000, 4999])('a close with %i is answered with the same', async (code) => {
    expect(await closeAfter({ opcode: Opcode.Close, payload: closePayload(code, 'bye') })).toBe(code);
  });

  it('a close without a code is answered', async () => {
    expect(await closeAfter({ opcode: Opcode.Close })).toBe(1005);
  });
});

describe('too much', () => {
  it('in one frame closes with 1009 at its header, before anything of it is there', async () => {
    expect(await closeAfter(rawFrame({ length: 65_537 }).subarray(0, 14))).toBe(1009);
    expect(await closeAfter(rawFrame({ length: Number.MAX_SAFE_INTEGER }).subarray(0, 14))).toBe(1009);
  });

  it('a length of 64 bits beyond 2^53 closes with 1009', async () => {
    const head = Buffer.from([0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0]);
    expect(await closeAfter(head)).toBe(1009);
  });

  it('in several frames closes with 1009 at the header that goes beyond', async () => {
    const half = { payload: 'x'.repeat(40_000), fin: false };
    expect(await closeAfter(half, rawFrame({ opcode: 0, length: 30_000 }).subarray(0, 8))).toBe(1009);
  });

  it('is one byte over the limit; the limit itself is not', async () => {
    const socket = await connect();
    const payload = (bytes: number): string => {
      const [head, tail] = ['{"type":"ping","id":"', '"}'];
      return head + 'x'.repeat(bytes - head.length - tail.length) + tail;
    };
    socket.send(payload(65_536));
    await socket.until(() => socket.errors.length === 1);
    expect(socket.errors[0]).toMatchObject({ code: 'bad_frame' });
    socket.send(payload(65_537));
    expect(await socket.closed()).toBe(1009);
  });

  it('in pieces: more than 128 close with 1008, empty ones count', async () => {
    const piece = (payload: string): Buffer => rawFrame({ opcode: 0, fin: false, payload });
    for (const payload of ['x', '']) {
      expect(await closeAfter({ fin: false }, ...Array.from({ length: 200 }, () => piece(payload)))).toBe(
        1008,
      );
    }
  });

  it('a message in 100 pieces is one message, with pings between them', async () => {
    const socket = await connect();
    const json = JSON.stringify({ type: 'ping', id: 'pieces', data: undefined }).padEnd(99);
    const pieces = [...json].map((payload, index) => ({ opcode: index ? 0 : 1, fin: false, payload }));
    for (const piece of pieces) socket.send(piece, { opcode: Opcode.Ping, payload: 'between' });
    socket.send({ opcode: 0 });
    expect(await socket.frame(({ id }) => id === 'pieces')).toMatchObject({ type: 'pong' });
    await socket.until(() => socket.pongs.length === 99);
  });

  it('time: a message that is never finished dies by the heartbeat', async () => {
    const socket = await connect();
    socket.send(rawFrame({ length: 1000 }).subarray(0, 8), Buffer.from('never'));
    expect(await socket.closed()).toBe(4000);
  });

  it('pings without reading the pongs do not make the server grow', async () => {
    const [flooder, friend] = [await connect('flooder'), await connect('friend')];
    const before = await residentBytes(server);
    flooder.socket.pause();
    const flood = Buffer.concat(
      Array.from({ length: 2000 }, () => rawFrame({ opcode: Opcode.Ping, payload: 'x'.repeat(125) })),
    );
    for (let index = 0; index < 300; index++) {
      if (!flooder.socket.write(flood)) await new Promise((resolve) => flooder.socket.once('drain', resolve));
    }
    await expectAlive(friend);
    expect((await residentBytes(server)) - before).toBeLessThan(60 * 1024 * 1024);
  });
});

async function residentBytes({ url }: TestServer): Promise<number> {
  const text = await (await fetch(`${url}/metrics`)).text();
  return Number(/^process_resident_memory_bytes (\S+)/m.exec(text)?.[1]);
}

describe('a frame that is not the protocol', () => {
  const deep = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
  const command = (data: string): string => `{"type":"chat.sync","id":"x","data":${data}}`;

  it.each([
    ['nothing', ''],
    ['white space', '  '],
    ['no JSON', 'hello'],
    ['half of JSON', '{"type":"ping"'],
    ['JSON and more', '{"type":"ping"} x'],
    ['two values', '{"type":"ping"}{"type":"ping"}'],
    ['single quotes', "{'type':'ping'}"],
    ['a comment', '{"type":"ping"/**/}'],
    ['NaN', '{"type":"ping","id":NaN}'],
    ['an array', '[{"type":"ping"}]'],
    ['a number', '7'],
    ['a string', '"ping"'],
    ['null', 'null'],
    ['true', 'true'],
    ['no type', '{"id":"x"}'],
    ['an empty type', '{"type":""}'],
    ['a type that is a number', '{"type":7}'],
    ['a type that is null', '{"type":null}'],
    ['a type that is a list', '{"type":["ping"]}'],
    ['a type that is an object', '{"type":{"toString":"ping"}}'],
    ['a type of 65 characters', JSON.stringify({ type: 'x'.repeat(65) })],
    ['an id that is an object', '{"type":"ping","id":{}}'],
    ['an id that is null', '{"type":"ping","id":null}'],
    ['an id that is true', '{"type":"ping","id":true}'],
    ['an id of 129 characters', JSON.stringify({ type: 'ping', id: 'x'.repeat(129) })],
    ['an id beyond any number', '{"type":"ping","id":1e999}'],
    ['an id beyond 2^53', '{"type":"ping","id":9007199254740993}'],
    ['an unknown field', '{"type":"ping","to":"bob"}'],
    ['__proto__', '{"type":"ping","__proto__":{"admin":true}}'],
    ['constructor', '{"type":"ping","constructor":{"prototype":{}}}'],
    ['prototype', '{"type":"ping","prototype":{}}'],
    ['__proto__ in data', command('{"__proto__":{"limit":1}}')],
    ['__proto__ as an escape', command('{"\\u005f_proto__":{"limit":1}}')],
    ['constructor deep in data', command('{"a":[{"b":{"constructor":1}}]}')],
    ['a lone surrogate', command('{"cursor":"\\ud800"}')],
    ['a lone surrogate as a key', command('{"\\udc00":1}')],
    ['surrogates the wrong way round', command('{"cursor":"\\udc00\\ud800"}')],
    ['a raw line break in a string', '{"type":"pi\nng"}'],
    ['a byte order mark', '\ufeff{"type":"ping"}'],
    ['a NUL after it', '{"type":"ping"}\u0000'],
  ])('%s is answered bad_frame on the same connection', async (_what, payload) => {
    const socket = await connect();
    socket.send(payload);
    await socket.until(() => socket.errors.length === 1);
    expect(socket.errors[0]).toEqual({
      code: 'bad_frame',
      message: expect.any(String),
      retryable: false,
      ...(payload.includes('"id":"x"') && { id: 'x' }),
    });
    await expectAlive(socket);
  });

  it.each([
    ['one level too deep', command(deep(16)), 'too_deep'],
    ['30,000 levels deep', command(deep(30_000)), 'too_deep'],
    ['30,000 levels of objects', command(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`), 'too_deep'],
    ['a frame of nothing but depth', deep(32_000), 'too_deep'],
    ['as deep as allowed', command(deep(15)), 'invalid'],
    ['an unknown command', '{"type":"chat.teleport","id":"x"}', 'unknown_command'],
    ['a command named like a property', '{"type":"toString","id":"x"}', 'unknown_command'],
    ['a command named like a prototype', '{"type":"__proto__","id":"x"}', 'unknown_command'],
    ['a command named hasOwnProperty', '{"type":"hasOwnProperty","id":"x"}', 'unknown_command'],
    ['a command in capitals', '{"type":"PING","id":"x"}', 'unknown_command'],
    ['a command with a NUL', '{"type":"ping\\u0000","id":"x"}', 'unknown_command'],
    ['an event of the server', '{"type":"chat.message","id":"x","data":{}}', 'unknown_command'],
    ['an answer of the server', '{"type":"ok","id":"x","data":{}}', 'unknown_command'],
  ])('%s is answered with its code', async (_what, payload, code) => {
    const socket = await connect();
    socket.send(payload);
    await socket.until(() => socket.errors.length === 1);
    const id = payload.startsWith('{') ? { id: 'x' } : {};
    expect(socket.errors[0]).toMatchObject({ code, retryable: false, ...id });
    await expectAlive(socket);
  });

  it('as binary is bad_frame, even if it is JSON', async () => {
    const socket = await connect();
    socket.send({ opcode: Opcode.Binary, payload: '{"type":"ping","id":1}' });
    await socket.until(() => socket.errors.length === 1);
    expect(socket.errors[0]).toMatchObject({ code: 'bad_frame' });
    await expectAlive(socket);
  });

  it('of a key that stands twice the last counts, and no error comes of it', async () => {
    const socket = await connect();
    socket.send('{"type":"chat.send","id":1,"type":"ping","id":2}');
    expect(await socket.frame(({ id }) => id === 2)).toMatchObject({ type: 'pong' });
  });

  it('a key of 64 KiB is refused without being quoted', async () => {
    const socket = await connect();
    const key = 'k'.repeat(65_000);
    const answer = await socket.answerTo('chat.sync', { [key]: 1 });
    expect(answer).toMatchObject({ type: 'error', data: { code: 'invalid' } });
    expect(JSON.stringify(answer).length).toBeLessThan(300);
  });

  it.each(['', 'marker-7d1', 'x'.repeat(64)])('an error never quotes the input (%j)', async (canary) => {
    const socket = await connect();
    socket.send(`{"type":"marker-7d1${canary}`, '{"type":"marker-7d1"}', '{"marker-7d1":1,"type":"ping"}');
    socket.sendJson({
      type: 'chat.send',
      data: { to: 'marker-7d1\u0007', kind: 'marker-7d1', content: 'marker-7d1' },
    });
    await socket.until(() => socket.errors.length === 4);
    expect(JSON.stringify(socket.errors)).not.toContain('marker-7d1');
  });

  it('an honoured frame between them forgives them; 50 in a row close with 4504', async () => {
    const socket = await connect();
    for (let index = 0; index < 49; index++) socket.send('no');
    await expectAlive(socket);
    for (let index = 0; index < 49; index++) socket.send('no');
    await expectAlive(socket);
    for (let index = 0; index < 60; index++) socket.send('no');
    expect(await socket.closed()).toBe(4504);
    expect(socket.errors).toHaveLength(98 + 50);
    expect(new Set(socket.errors.map(({ code }: ErrorData) => code))).toEqual(new Set(['bad_frame']));
  });
});

it('nothing of it was an unhandled error', () => {
  expect(server.output).not.toMatch(/unhandled|uncaught|"level":[56]0/i);
});
