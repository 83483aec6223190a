import { afterEach, describe, expect, it } from 'vitest';
import { DialectClient, PATHS, type AnyFrame, type DialectName } from '../../support/dialect-client.js';
import { DialectStage } from '../../support/dialect-stage.js';
import { RawClient, tokenFor } from '../../support/raw-client.js';

const DIALECTS = Object.keys(PATHS) as DialectName[];
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

it.each(['melody', 'kama', 'gozero'] as const)(
  'counts all that came on %s as delivered, although the client leaves at once',
  async (dialect) => {
    const stage = await open();
    const target = dialect === 'gozero' ? { conversation: await stage.group(['ann', 'ben']) } : { to: 'ben' };
    const writer = await stage.native('ann', { query: { sync: 'self' } });
    for (let round = 0; round < 5; round++) {
      const receiver = await stage.connect(dialect, 'ben');
      await stage.caughtUp(receiver, dialect);
      for (let n = 0; n < 10; n++)
        await writer.call('chat.send', { ...target, kind: 'text', content: `m${n}` });
      await receiver.until(() => receiver.frames.length === 10);
      await receiver.close();
      await expect(stage.delivered('ben')).resolves.toBeUndefined();
    }
  },
);

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

describe('a server that is killed', () => {
  it.each(DIALECTS)('loses nothing that a receiver on %s is owed, and keeps the order', async (dialect) => {
    const stage = await open();
    const group = await stage.group(['ann', 'ben'], { id: 'G1' });
    const got = new Set<string>();
    const sessions: string[][] = [];
    const contentOf = (frame: AnyFrame): unknown => frame.content ?? frame.data?.content;
    let sent = 0;
    for (let kill = 0; kill < 5; kill++) {
      const receiver = await DialectClient.connect(stage.server, dialect, 'ben');
      const writer = await RawClient.connect(stage.server, 'ann', { query: { sync: 'self' } });
      for (let n = 0; n < 30; n++) {
        const target = dialect === 'gozero' ? { conversation: group } : { to: 'ben' };
        await writer.call('chat.send', { ...target, kind: 'text', content: `m${++sent}` });
      }
      await stage.server.kill();
      await receiver.closed();
      sessions.push(messages(receiver));
      await stage.server.restart();
    }
    const last = await stage.connect(dialect, 'ben');
    const all = (): string[] => [...sessions.flat(), ...messages(last)];
    await last.until(() => new Set(all()).size === sent);
    sessions.push(messages(last));
    for (const content of all()) got.add(content);
    expect(got.size).toBe(sent);
    for (const session of sessions) {
      const numbers = session.map((content) => Number(content.slice(1)));
      expect(numbers).toEqual([...new Set(numbers)].toSorted((a, b) => a - b));
    }

    function messages(client: DialectClient): string[] {
      return client.frames
        .map(contentOf)
        .filter((content): content is string => /^m\d+$/.test(String(content)));
    }
  });
});
