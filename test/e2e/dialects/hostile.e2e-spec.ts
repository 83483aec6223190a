import { once } from 'node:events';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PATHS, type AnyFrame, type DialectClient, type DialectName } from '../../support/dialect-client.js';
import { DialectStage } from '../../support/dialect-stage.js';
import { tokenFor } from '../../support/raw-client.js';
import { Opcode, rawFrame, type FrameShape } from '../../support/raw-frames.js';
import { exchange, handshakeText, openSocket, type Headers } from '../../support/raw-http.js';
import { mutatedText, randomOf } from '../../support/fuzz.js';

const DIALECTS = Object.keys(PATHS) as DialectName[];
/** Milliseconds. */
const PATIENCE = { timeout: 15_000 };
const NO_STORE = { dispose: async (): Promise<void> => undefined };
const LARGE = 9_007_199_254_740_993n;
const FUZZ_FRAMES = 1500;
const FUZZ_SEED = 20;

/** A frame that always has an answer, and how that answer looks. */
const PROBE: Record<DialectName, { frame: AnyFrame; answers: (frame: AnyFrame) => boolean }> = {
  melody: { frame: { type: 'ping' }, answers: ({ type }) => type === 'pong' },
  skyeim: { frame: { type: 'ping' }, answers: ({ type }) => type === 'pong' },
  kama: { frame: { type: 99, receive_id: 'b' }, answers: ({ code }) => code === 400 },
  gozero: { frame: { type: 'ping' }, answers: ({ type }) => type === 'pong' },
};
const isError = ({ type, code }: AnyFrame): boolean => type === 'error' || typeof code === 'number';

/** A message with something in a field, as JSON text, so that numbers can be written that JavaScript does not have. */
const WRONG: Record<DialectName, string[]> = {
  melody: [
    '{"type":"chat","to":"b","content":1e999}',
    '{"type":"chat","to":"b","content":{"deep":[-1e999]}}',
    `{"type":"chat","to":${LARGE},"content":"x"}`,
    `{"type":"chat","to":"${'b'.repeat(500)}","content":"x"}`,
    '{"type":"typing","to":["b"]}',
    `{"type":"${'t'.repeat(65)}","to":"b","content":"x"}`,
    '{"type":{"toString":1},"to":"b","content":"x"}',
  ],
  skyeim: [
    `{"type":"chat","data":{"toUserId":${LARGE},"content":"x","contentType":1}}`,
    '{"type":"chat","data":{"toUserId":-1,"content":"x","contentType":1}}',
    '{"type":"chat","data":{"toUserId":1e999,"content":"x","contentType":1}}',
    '{"type":"chat","data":{"toUserId":"b","content":"x","contentType":1e999}}',
    '{"type":"chat","data":{"toUserId":"b","content":"x","contentType":0}}',
    '{"type":"chat","data":{"toUserId":"b","content":"x","contentType":1000}}',
    '{"type":"chat","data":{"toUserId":"b","content":"x","contentType":1,"msgId":1e999}}',
    `{"type":"chat","data":{"toUserId":"b","content":"x","contentType":1,"msgId":"${'m'.repeat(129)}"}}`,
    `{"type":"read","data":{"peerId":"b","msgIds":[${Array.from({ length: 1001 }, () => 1).join()}]}}`,
    '{"type":"read","data":{"peerId":"b","msgIds":[1e999]}}',
  ],
  kama: [
    '{"type":1e999,"receive_id":"b","content":"x"}',
    '{"type":0,"receive_id":"b","content":"x","file_size":1e999}',
    '{"type":2,"receive_id":"b","url":"/f/1","file_size":-1e999}',
    `{"type":0,"receive_id":"${'b'.repeat(500)}","content":"x"}`,
    `{"type":0,"receive_id":"b","content":"x","send_name":"${'n'.repeat(2049)}"}`,
    '{"type":0,"send_id":["a"],"receive_id":"b","content":"x"}',
    '{"type":3,"receive_id":"b","av_data":{"x":1}}',
    '{"type":0,"receive_id":"G/../1","content":"x"}',
  ],
  gozero: [
    `{"type":"send_message","message_id":${LARGE},"data":{"group_id":"G1","msg_type":1,"content":"x"}}`,
    '{"type":"send_message","message_id":1e999,"data":{"group_id":"G1","msg_type":1,"content":"x"}}',
    '{"type":"send_message","message_id":1,"data":{"group_id":1e999,"msg_type":1,"content":"x"}}',
    '{"type":"send_message","message_id":1,"data":{"group_id":"G1","msg_type":1e999,"content":"x"}}',
    '{"type":"send_message","message_id":1,"data":{"group_id":"inbox:b","msg_type":1,"content":"x"}}',
    `{"type":"join_group","message_id":1,"data":{"group_id":"${'g'.repeat(500)}"}}`,
    '{"type":"mark_read","message_id":1,"data":{"group_id":"G1","message_id":1e999}}',
    '{"type":"auth","data":{"token":1e999}}',
  ],
};

const SOUND: Record<DialectName, string[]> = {
  melody: [
    '{"type":"chat","to":"target","content":"x"}',
    '{"type":"typing","to":"target"}',
    '{"type":"ping"}',
  ],
  skyeim: [
    '{"type":"chat","data":{"toUserId":7,"content":"x","contentType":1,"msgId":"m"}}',
    '{"type":"read","data":{"peerId":"target","msgIds":[1,"x"]}}',
  ],
  kama: ['{"type":2,"receive_id":"target","url":"/f/1","file_size":"12","send_name":"x"}'],
  gozero: [
    '{"type":"send_message","message_id":7,"data":{"group_id":"G1","msg_type":1,"content":"x"}}',
    '{"type":"mark_read","message_id":1,"data":{"group_id":"G1","message_id":7}}',
    '{"type":"join_group","message_id":"q","data":{"group_id":"G1"}}',
  ],
};

describe.each(DIALECTS)('a hostile client of %s', (dialect) => {
  let stage: DialectStage;
  const target = `${PATHS[dialect]}?${new URLSearchParams({ token: tokenFor('mallory') })}`;
  beforeAll(async () => {
    stage = await DialectStage.open(NO_STORE, {
      env: { WS_RATE_LIMIT: '100000', WS_USER_RATE_LIMIT: '100000' },
    });
    await stage.group(['owner'], { id: 'G1' });
  });
  afterEach(() => stage.disconnectAll());
  afterAll(() => stage.close());

  const connect = async (user: string): Promise<DialectClient> => {
    const client = await stage.connect(dialect, user);
    await stage.caughtUp(client, dialect);
    return client;
  };
  /** The server is there, and nothing that was done to it shows in its log. */
  const servesOthers = async (): Promise<void> => {
    const other = await connect('other');
    await other.ask(PROBE[dialect].frame, PROBE[dialect].answers);
    expect(stage.server.output).not.toMatch(/"level":(50|60)|TypeError|unhandled/i);
  };

  it.each<[string, Headers | undefined, number]>([
    ['without a key', { 'Sec-WebSocket-Key': undefined }, 400],
    ['with a key that is none', { 'Sec-WebSocket-Key': 'x' }, 400],
    ['of an older version', { 'Sec-WebSocket-Version': '8' }, 426],
    ['without a version', { 'Sec-WebSocket-Version': undefined }, 426],
    ['without Upgrade', { Upgrade: undefined }, 426],
    ['without Connection', { Connection: undefined }, 426],
    ['with two tokens of which one is wrong', { Authorization: 'Bearer a.b.c' }, 401],
  ])('gets a clear answer to a handshake %s', async (_, headers, status) => {
    const answer = await exchange(stage.server, handshakeText({ target, headers }));
    expect(answer?.status).toBe(status);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ statusCode: status, code: expect.any(String) });
  });

  it('gains nothing by handshakes that it breaks off anywhere', async () => {
    const whole = handshakeText({ target });
    const sockets = await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const socket = await openSocket(stage.server);
        socket.write(whole.slice(0, Math.floor((whole.length * index) / 60)));
        return socket;
      }),
    );
    // The last one in the middle of a frame.
    const half = await openSocket(stage.server);
    half.write(whole);
    await once(half, 'readable');
    half.write(rawFrame(JSON.stringify(PROBE[dialect].frame)).subarray(0, 4));
    await servesOthers();
    for (const socket of [...sockets, half]) socket.destroy();
    await servesOthers();
    await expect
      .poll(async () => /^rookery_connections (\d+)/m.exec(await metrics())?.[1], PATIENCE)
      .toBe('2');
    async function metrics(): Promise<string> {
      return (await fetch(`${stage.server.url}/metrics`)).text();
    }
  });

  it.each<[string, FrameShape, number]>([
    ['a frame that is not masked', { masked: false, payload: '{}' }, 1002],
    ['a reserved opcode', { opcode: 3, payload: '{}' }, 1002],
    ['reserved bits', { rsv: 2, payload: '{}' }, 1002],
    ['a continuation of nothing', { opcode: Opcode.Continuation, payload: '{}' }, 1002],
    ['a ping in pieces', { opcode: Opcode.Ping, fin: false }, 1002],
    ['a pong that is too long', { opcode: Opcode.Pong, payload: 'x'.repeat(126) }, 1002],
    ['text that is not UTF-8', { payload: Buffer.from([0xff, 0xfe]) }, 1007],
    ['a length beyond all memory', { payload: '', length: 2 ** 40 }, 1009],
    ['a close code that is none', { opcode: Opcode.Close, payload: Buffer.from([0, 1]) }, 1002],
  ])('is closed for %s', async (_, shape, code) => {
    const client = await connect('mallory');
    const stream = (client.socket as unknown as { _socket: { write(data: Buffer): void } })._socket;
    stream.write(rawFrame(shape));
    expect(await client.closed()).toBe(code);
    await servesOthers();
  });

  it.each(WRONG[dialect])('is answered with an error: %s', async (text) => {
    const client = await connect('mallory');
    const witness = await stage.native('b');
    const answer = await client.ask(text, (frame) => isError(frame) || frame.type === 'auth_failed');
    expect(JSON.stringify(answer)).not.toMatch(/internal|"code":500/i);
    await client.ask(PROBE[dialect].frame, PROBE[dialect].answers);
    await witness.call('ping');
    expect(witness.dataOf('chat.message')).toEqual([]);
  });

  it('is closed with 4504 for what is no frame, again and again', async () => {
    const client = await connect('mallory');
    for (let index = 0; index < 60; index++) client.sendRaw('{');
    expect(await client.closed()).toBe(4504);
    expect(client.frames.filter(isError)).toHaveLength(50);
    await servesOthers();
  });

  it('cannot make the server hold much, nor keep it from others, with pings and pongs', async () => {
    const client = await connect('mallory');
    for (let index = 0; index < 20_000; index++) {
      client.socket.ping('x'.repeat(125));
      client.socket.pong((index % 16).toString(16));
    }
    await servesOthers();
    const answer = await client.ask(PROBE[dialect].frame, PROBE[dialect].answers);
    expect(answer).toBeDefined();
  });

  it(`is answered, and the server stands, whatever the frames are (seed ${FUZZ_SEED})`, async () => {
    const random = randomOf(FUZZ_SEED);
    let client = await connect('mallory');
    for (let index = 0; index < FUZZ_FRAMES; index++) {
      if (client.closeCode !== undefined) client = await connect('mallory');
      client.sendRaw(mutatedText(random, SOUND[dialect]));
      // So that strikes in a row do not end the connection each time.
      if (index % 20 === 0) client.send(PROBE[dialect].frame);
      if (index % 100 === 0) client.frames.length = 0;
    }
    const last = client.closeCode === undefined ? client : await connect('mallory');
    expect(await last.ask(PROBE[dialect].frame, PROBE[dialect].answers)).toBeDefined();
    await servesOthers();
  });
});

describe('one user on several dialects at once', () => {
  let stage: DialectStage;
  afterEach(async () => {
    await stage.disconnectAll();
    await stage.close();
  });

  it('is brought everything on each, and each has a cursor of its own', async () => {
    stage = await DialectStage.open(NO_STORE);
    const [writer, ...phones] = [
      await stage.native('ann'),
      await stage.connect('melody', 'ben'),
      await stage.connect('kama', 'ben'),
    ];
    await writer.call('chat.send', { to: 'ben', kind: 'text', content: 'm1' });
    for (const phone of phones) await phone.frame(({ content }) => content === 'm1');
    await stage.delivered('ben');
    const late = await stage.connect('skyeim', 'ben');
    expect((await late.type('chat')).data.content).toBe('m1');
    const twice = await stage.connect('melody', 'ben');
    await stage.fence(twice, 'melody');
    expect(twice.frames).toEqual([]);
  });

  it('gives way to his newer connection on whatever dialect, where one is allowed', async () => {
    stage = await DialectStage.open(NO_STORE, { env: { WS_SESSION_POLICY: 'single' } });
    const codes: number[] = [];
    let older = await stage.connect('gozero', 'ben');
    for (const dialect of [...DIALECTS, ...DIALECTS]) {
      const newer = await stage.connect(dialect, 'ben');
      codes.push(await older.closed());
      older = newer;
    }
    expect(codes).toEqual(Array(2 * DIALECTS.length).fill(4501));
    expect(older.closeCode).toBeUndefined();
  });

  it('may not have more connections over all dialects than over one', async () => {
    stage = await DialectStage.open(NO_STORE, { env: { WS_MAX_CONNECTIONS_PER_USER: '3' } });
    const statuses: number[] = [];
    for (const dialect of DIALECTS) statuses.push(await stage.refusal(dialect, 'ben', {}));
    expect(statuses).toEqual([101, 101, 101, 429]);
  });

  it('loses the place in the middle of what he says, and what was acknowledged is stored once', async () => {
    stage = await DialectStage.open(NO_STORE, { env: { WS_SESSION_POLICY: 'single' } });
    const witness = await stage.native('ann');
    const acknowledged: string[] = [];
    for (let round = 0; round < 10; round++) {
      const client = await stage.connect('skyeim', 'ben');
      for (let n = 0; n < 20; n++) {
        const msgId = `r${round}.${n}`;
        client.send({ type: 'chat', data: { toUserId: 'ann', content: msgId, contentType: 1, msgId } });
      }
      if (round % 2 === 0) await client.type('ack');
      const usurper = await stage.connect('kama', 'ben');
      expect(await client.closed()).toBe(4501);
      acknowledged.push(...client.all('ack').map(({ data }) => data.msgId));
      await usurper.close();
    }
    await witness.call('ping');
    const { messages } = await witness.call('chat.history', { to: 'ben', limit: 200 });
    const stored = messages.map((message) => (message as { content?: unknown }).content);
    expect(new Set(stored).size).toBe(stored.length);
    expect(stored).toEqual(expect.arrayContaining([...new Set(acknowledged)]));
  });
});
