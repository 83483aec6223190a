import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PATHS, type AnyFrame, type DialectClient, type DialectName } from '../../support/dialect-client.js';
import { DialectStage } from '../../support/dialect-stage.js';
import { HttpService } from '../../support/http-service.js';
import { RawClient, tokenFor } from '../../support/raw-client.js';

const DIALECTS = Object.keys(PATHS) as DialectName[];
/** Milliseconds. */
const PATIENCE = { timeout: 15_000 };
const NO_STORE = { dispose: async (): Promise<void> => undefined };

/** A message to a user or, in gozero, to a group. */
const MESSAGE: Record<DialectName, (to: string, content: string) => AnyFrame> = {
  melody: (to, content) => ({ type: 'chat', to, content }),
  skyeim: (toUserId, content) => ({ type: 'chat', data: { toUserId, content, contentType: 1 } }),
  kama: (to, content) => ({ type: 0, receive_id: to, content }),
  gozero: (group, content) => ({
    type: 'send_message',
    message_id: content,
    data: { group_id: group, msg_type: 1, content },
  }),
};

const stages: DialectStage[] = [];
afterEach(async () => {
  for (const stage of stages.splice(0)) {
    await stage.disconnectAll();
    await stage.close();
  }
});
const open = async (env: Record<string, string> = {}): Promise<DialectStage> => {
  const stage = await DialectStage.open(NO_STORE, { env });
  stages.push(stage);
  return stage;
};

it('closes an expired connection of every dialect with 4002', async () => {
  const stage = await open({ JWT_LEEWAY: '0' });
  const exp = Math.floor(Date.now() / 1000) + 2;
  const codes = DIALECTS.map(async (dialect) => {
    const client = await stage.connect(dialect, 'ann', { token: tokenFor('ann', { exp }) });
    return client.closed();
  });
  expect(await Promise.all(codes)).toEqual([4002, 4002, 4002, 4002]);
});

it('drains: what was sent is stored, and every dialect is closed with 1001', async () => {
  const stage = await open();
  const group = await stage.group(['ann', 'ben'], { id: 'G1' });
  const clients = await Promise.all(DIALECTS.map((dialect) => stage.connect(dialect, 'ann')));
  await stage.caughtUp(clients[DIALECTS.indexOf('gozero')] as DialectClient, 'gozero');
  for (const [index, dialect] of DIALECTS.entries())
    clients[index]?.send(MESSAGE[dialect](dialect === 'gozero' ? group : 'ben', `last of ${dialect}`));
  // What each has sent is with the server when it answers a ping behind it.
  const seen = await stage.native('ben');
  await seen.until(() => seen.dataOf('chat.message').length === DIALECTS.length);
  const ended = stage.server.signal('SIGTERM');
  expect(await Promise.all(clients.map((client) => client.closed()))).toEqual([1001, 1001, 1001, 1001]);
  expect(await ended).toBe(0);
  await stage.server.restart();
  const ben = await RawClient.connect(stage.server, 'ben');
  await ben.event('chat.synced');
  expect(ben.dataOf('chat.message')).toHaveLength(DIALECTS.length);
  await ben.close();
});

it.each(DIALECTS)('answers a client of %s that is too fast, and goes on', async (dialect) => {
  const stage = await open({ WS_RATE_LIMIT: '10' });
  const group = await stage.group(['ann'], { id: 'G1' });
  const client = await stage.connect(dialect, 'ann');
  await stage.caughtUp(client, dialect);
  const isError = ({ type, code }: AnyFrame): boolean => type === 'error' || typeof code === 'number';
  for (let n = 0; n < 40; n++) client.send(MESSAGE[dialect](dialect === 'gozero' ? group : 'ben', `m${n}`));
  await client.until(() => client.frames.some(isError));
  expect(client.closeCode).toBeUndefined();
});

it('brings what was missed in several conversations oldest first, on every dialect', async () => {
  const stage = await open();
  const groups = [
    await stage.group(['ann', 'ben'], { id: 'G1' }),
    await stage.group(['cem', 'ben'], { id: 'G2' }),
  ];
  const [ann, cem] = await Promise.all([stage.native('ann'), stage.native('cem')]);
  const missed: Record<'direct' | 'group' | 'notice', string[]> = { direct: [], group: [], notice: [] };
  const order: string[] = [];
  let time = 0;
  for (let n = 0; n < 24; n++) {
    const content = `n${n}`;
    // Within one millisecond nothing is older.
    await expect.poll(() => Date.now()).toBeGreaterThan(time);
    if (n % 6 === 4) await stage.post('/api/ws/send', { type: 'notice', to: 'ben', content });
    else if (n % 6 === 5) await stage.post('/api/ws/broadcast', { type: 'notice', content });
    else {
      const target = n % 6 < 2 ? { to: 'ben' } : { conversation: groups[n % 2] as string };
      await (n % 2 ? cem : ann).call('chat.send', { ...target, kind: 'text', content });
    }
    time = Date.now();
    missed[n % 6 < 2 ? 'direct' : n % 6 < 4 ? 'group' : 'notice'].push(content);
    order.push(content);
  }
  const shown: Record<DialectName, (keyof typeof missed)[]> = {
    melody: ['direct', 'notice'],
    skyeim: ['direct'],
    kama: ['direct', 'group'],
    gozero: ['group', 'notice'],
  };
  for (const dialect of DIALECTS) {
    const client = await stage.connect(dialect, 'ben');
    const expected = order.filter((content) => shown[dialect].some((kind) => missed[kind].includes(content)));
    const contents = (): unknown[] =>
      client.frames.map(({ content, data }) => content ?? data?.content).filter(Boolean);
    await client.until(() => contents().length >= expected.length);
    expect(contents()).toEqual(expected);
  }
});

/** Dialects whose clients are brought only what they have not been brought before. */
const MARKED = ['melody', 'kama', 'gozero'] as const;

describe.each(MARKED)('what counts as delivered to a client of %s', (dialect) => {
  let shared: DialectStage;
  beforeAll(async () => {
    shared = await DialectStage.open(NO_STORE);
  });
  afterEach(() => shared.disconnectAll());
  afterAll(() => shared.close());

  const contents = ({ frames }: DialectClient): unknown[] =>
    frames.map(({ content, data }) => content ?? data?.content);
  const numbered = (from: number, count: number): string[] =>
    Array.from({ length: count }, (_, index) => `m${from + index}`);
  const target = async (
    stage: DialectStage,
    [ann, ben]: readonly string[] = ['ann', 'ben'],
  ): Promise<{ conversation: string } | { to: string }> =>
    dialect === 'gozero'
      ? { conversation: await stage.group([ann as string, ben as string]) }
      : { to: ben as string };
  /** Asks until it is so: what was told nobody can be waited for. */
  const untilDelivered = async (stage: DialectStage, user: string, seq: number): Promise<void> => {
    const native = await stage.native(user, { query: { sync: 'self' } });
    await expect
      .poll(async () => {
        const { conversations } = await native.call('chat.sync', {});
        return Math.max(...conversations.map(({ delivered }) => delivered));
      }, PATIENCE)
      .toBe(seq);
  };

  it('is what it has answered for, although it leaves at once', async () => {
    const stage = shared;
    const [ann, ben] = [stage.name('ann'), stage.name('ben')];
    const to = await target(stage, [ann, ben]);
    const writer = await stage.native(ann, { query: { sync: 'self' } });
    for (let round = 0; round < 3; round++) {
      const receiver = await stage.connect(dialect, ben);
      await stage.caughtUp(receiver, dialect);
      let answered = -1;
      // One that says nothing is a heartbeat, which may come at any time.
      receiver.socket.on('ping', (said) => {
        if (said.length > 0) answered = receiver.frames.length;
      });
      for (const content of numbered(round * 10, 10))
        await writer.call('chat.send', { ...to, kind: 'text', content });
      await expect.poll(() => answered, PATIENCE).toBe(10);
      await receiver.close();
      await expect(stage.delivered(ben)).resolves.toBeUndefined();
    }
  });

  it('is not what only its kernel has: it comes again, all of it', async () => {
    const stage = shared;
    const [ann, ben] = [stage.name('ann'), stage.name('ben')];
    const to = await target(stage, [ann, ben]);
    const asleep = await stage.connect(dialect, ben);
    await stage.caughtUp(asleep, dialect);
    const [writer, witness] = [await stage.native(ann), await stage.native(ben, { query: { sync: 'self' } })];
    asleep.socket.pause();
    const sent = numbered(0, 30);
    for (const content of sent) await writer.call('chat.send', { ...to, kind: 'text', content });
    await witness.until(() => witness.dataOf('chat.message').length === sent.length);
    asleep.socket.terminate();
    const awake = await stage.connect(dialect, ben);
    await awake.until(() => contents(awake).includes(sent.at(-1)));
    expect(contents(awake).filter((content) => String(content).startsWith('m'))).toEqual(sent);
  });

  it('is nothing, where pings are not answered: all is brought on each connection', async () => {
    const stage = shared;
    const [ann, ben] = [stage.name('ann'), stage.name('ben')];
    const to = await target(stage, [ann, ben]);
    const writer = await stage.native(ann);
    for (let round = 1; round <= 3; round++) {
      const content = `m${round}`;
      await writer.call('chat.send', { ...to, kind: 'text', content });
      const deaf = await stage.connect(dialect, ben, { ws: { autoPong: false } });
      await deaf.until(() => contents(deaf).includes(content));
      expect(contents(deaf).filter((each) => String(each).startsWith('m'))).toEqual(numbered(1, round));
      await deaf.close();
    }
  });

  it('is not what a client claims before it is brought', async () => {
    const stage = shared;
    const [ann, ben] = [stage.name('ann'), stage.name('ben')];
    const to = await target(stage, [ann, ben]);
    const [writer, liar] = [
      await stage.native(ann),
      await stage.connect(dialect, ben, { ws: { autoPong: false } }),
    ];
    const claims = ['', ...Array.from({ length: 300 }, (_, index) => index.toString(16)), '9'.repeat(125)];
    for (const claim of claims) liar.socket.pong(claim);
    await writer.call('chat.send', { ...to, kind: 'text', content: 'm1' });
    await liar.until(() => contents(liar).includes('m1'));
    await liar.close();
    const honest = await stage.connect(dialect, ben);
    await honest.until(() => contents(honest).includes('m1'));
    expect(contents(honest).filter((each) => String(each).startsWith('m'))).toEqual(['m1']);
  });

  it('is all that it was brought until the server ended the connection, and nothing comes twice', async () => {
    const stage = await open({ JWT_LEEWAY: '0', WS_RATE_LIMIT: '100000', WS_USER_RATE_LIMIT: '100000' });
    const to = await target(stage);
    const writer = await stage.native('ann', { query: { sync: 'self' } });
    const exp = Math.floor(Date.now() / 1000) + 2;
    const first = await stage.connect(dialect, 'ben', { token: tokenFor('ben', { exp }) });
    let [sent, seq] = [0, 0];
    while (first.closeCode === undefined)
      ({ seq } = await writer.call('chat.send', { ...to, kind: 'text', content: `m${++sent}` }));
    const had = contents(first).filter((content) => String(content).startsWith('m'));
    expect(first.closeCode).toBe(4002);
    expect(had).toEqual(numbered(1, had.length));
    await untilDelivered(stage, 'ben', seq - sent + had.length);
    const second = await stage.connect(dialect, 'ben');
    const owed = numbered(had.length + 1, sent - had.length);
    await second.until(() => contents(second).includes(`m${sent}`) || owed.length === 0);
    expect(contents(second).filter((content) => String(content).startsWith('m'))).toEqual(owed);
  });

  it('is all that came before the server shut down', async () => {
    const stage = await open();
    const to = await target(stage);
    const writer = await stage.native('ann', { query: { sync: 'self' } });
    const receiver = await stage.connect(dialect, 'ben');
    const sent = numbered(1, 40);
    await Promise.all(sent.map((content) => writer.call('chat.send', { ...to, kind: 'text', content })));
    expect(await stage.server.signal('SIGTERM')).toBe(0);
    expect(await receiver.closed()).toBe(1001);
    expect(contents(receiver)).toEqual(expect.arrayContaining(sent));
    await stage.server.restart();
    const again = await stage.connect(dialect, 'ben');
    await stage.fence(again, dialect);
    expect(contents(again).filter((content) => String(content).startsWith('m'))).toEqual([]);
  });

  it('does not wait for what the client has sent itself', async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const moderation = await HttpService.start(async ({ body }) => {
      if (body.includes('slow')) await released;
      return { body: { allow: true } };
    });
    try {
      const stage = await open({
        MODERATION_URL: moderation.url,
        MODERATION_SECRET: `whsec_${Buffer.alloc(24).toString('base64')}`,
        MODERATION_TIMEOUT: '60',
      });
      const to = await target(stage);
      const writer = await stage.native('ann', { query: { sync: 'self' } });
      const receiver = await stage.connect(dialect, 'ben');
      await stage.caughtUp(receiver, dialect);
      const group = 'conversation' in to ? to.conversation : 'ann';
      receiver.send(MESSAGE[dialect](group, 'slow'));
      await expect
        .poll(() => moderation.requests.some(({ body }) => body.includes('slow')), PATIENCE)
        .toBe(true);
      const { seq } = await writer.call('chat.send', { ...to, kind: 'text', content: 'm1' });
      await receiver.until(() => contents(receiver).includes('m1'));
      await untilDelivered(stage, 'ben', seq);
    } finally {
      release();
      await moderation.stop();
    }
  });
});

describe('a plain request to the path of a dialect', () => {
  it('is told what it lacks', async () => {
    const stage = await open();
    for (const path of [...Object.values(PATHS), '/wss/', '/wss?client_id=ann', '/ws'])
      for (const method of ['GET', 'POST', 'DELETE']) {
        const answer = await fetch(`${stage.server.url}${path}`, { method });
        expect([path, answer.status, answer.headers.get('sec-websocket-version')]).toEqual([path, 426, '13']);
        expect(await answer.json()).toMatchObject({ statusCode: 426, code: 'bad_frame' });
      }
  });

  it('is answered as before beside it, and where the dialect is not', async () => {
    const stage = await open({ WS_DIALECTS: 'melody:/api' });
    expect((await fetch(`${stage.server.url}/api`)).status).toBe(426);
    expect((await fetch(`${stage.server.url}/api/v1/conversations`)).status).toBe(401);
    expect((await fetch(`${stage.server.url}/wss`)).status).toBe(404);
  });
});

describe('WS_DIALECTS', () => {
  it('moves a dialect, leaves out the others, and leaves WS_PATH to who offers the native protocol', async () => {
    const stage = await open({ WS_DIALECTS: 'gozero:/ws,melody:/elsewhere/' });
    const client = await stage.connect('gozero', 'ann', { path: '/ws' });
    expect((await client.type('auth_success')).data).toEqual({ user_id: 'ann' });
    await stage.native('ann', { protocols: ['rookery.v1'] });
    expect(await stage.refusal('melody', 'ann', { path: '/elsewhere' })).toBe(101);
    expect(await stage.refusal('melody', 'ann', {})).toBe(404);
    expect(await stage.refusal('kama', 'ann', {})).toBe(404);
  });

  it('may be none', async () => {
    const stage = await open({ WS_DIALECTS: 'none' });
    for (const dialect of DIALECTS) expect(await stage.refusal(dialect, 'ann', {})).toBe(404);
  });

  it.each(['melody', 'melody:x', 'other:/x', 'melody:/x,kama:/x', 'melody:/', ','])(
    '%s stops the boot by name',
    async (value) => {
      await expect(DialectStage.open(NO_STORE, { env: { WS_DIALECTS: value } })).rejects.toThrow(
        /WS_DIALECTS/,
      );
    },
  );
});
