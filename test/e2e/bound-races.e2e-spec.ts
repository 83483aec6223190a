import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { MAX_PINS } from '../../src/chat/actions/pin.service.js';
import { REACTION_LIMITS } from '../../src/chat/actions/reaction.service.js';
import { type CommandError, RawClient } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

const MAX_GROUPS = 5;
const ROUNDS = 12;
const ENV = {
  WS_RATE_LIMIT: '1000000',
  WS_USER_RATE_LIMIT: '1000000',
  GROUP_MAX_PER_USER: String(MAX_GROUPS),
  LOG_LEVEL: 'error',
};

describe.each(stores())('bounds, by many at once, on $name', ({ name, open }) => {
  let store: FreshStore;
  /** On a server's database there are two, so that transactions meet. */
  const servers: TestServer[] = [];
  let clients: RawClient[] = [];

  beforeAll(async () => {
    store = await open();
    for (let nodes = name === 'SQLite' ? 1 : 2; nodes > 0; nodes--)
      servers.push(await TestServer.start({ databaseUrl: store.databaseUrl, env: ENV }));
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    await store.dispose();
  });

  /** Two connections on every node. */
  const connect = async (user: string): Promise<RawClient[]> => {
    const all = [...servers, ...servers].map((server) => RawClient.connect(server, user));
    const connected = await Promise.all(all);
    clients.push(...connected);
    return connected;
  };
  const at = <T>(items: readonly T[], index: number): T => items[index % items.length] as T;
  const codes = async (calls: readonly Promise<unknown>[]): Promise<Record<string, number>> => {
    const counts: Record<string, number> = {};
    for (const each of await Promise.allSettled(calls)) {
      const code = each.status === 'fulfilled' ? 'ok' : (each.reason as CommandError).data.code;
      counts[code] = (counts[code] ?? 0) + 1;
    }
    return counts;
  };

  it(`are not passed by who joins and makes groups, in ${ROUNDS} rounds`, async () => {
    for (let round = 0; round < ROUNDS; round++) {
      // The owner would reach the bound himself.
      const maker = at(await connect(`owner${round}`), 0);
      const open = Array.from({ length: MAX_GROUPS }, (_, n) => `open${round}-${n}`);
      for (const id of open) await maker.call('group.create', { id, name: 'x', visibility: 'open' });
      const joiners = await connect(`joiner${round}`);
      const attempts = [
        ...open.map((conversation, n) => at(joiners, n).call('group.join', { conversation })),
        ...open.map((id, n) =>
          at(joiners, n + 1).call('group.create', { id: `own-${id}`, name: 'x', visibility: 'open' }),
        ),
      ];
      expect(await codes(attempts)).toEqual({ ok: MAX_GROUPS, refused: MAX_GROUPS });
      const { groups } = await at(joiners, 0).call('group.list', {});
      expect(groups).toHaveLength(MAX_GROUPS);
      // Whoever leaves one, or dissolves his own, has room for exactly one other.
      const { id } = groups[0] as { id: string };
      const verb = id.startsWith('own-') ? 'group.dissolve' : 'group.leave';
      await at(joiners, 0).call(verb, { conversation: id });
      const more = ['a', 'b', 'c'].map((name, n) =>
        at(joiners, n).call('group.create', { id: `${name}-${round}`, name, visibility: 'open' }),
      );
      expect(await codes(more)).toEqual({ ok: 1, refused: 2 });
    }
  });

  it('repeats what was done although there is no room for more', async () => {
    const [one] = await connect('keeper');
    const keyed = (n: number) => ({
      id: `k${n}`,
      name: 'x',
      visibility: 'open' as const,
      clientId: `key${n}`,
    });
    for (let n = 0; n < MAX_GROUPS; n++) await one?.call('group.create', keyed(n));
    expect(await one?.call('group.create', keyed(0))).toMatchObject({ id: 'k0', duplicate: true });
    expect(await codes([one?.call('group.create', keyed(MAX_GROUPS)) as Promise<unknown>])).toEqual({
      refused: 1,
    });
  });

  it(`are not passed by pins: ${MAX_PINS} in a conversation`, async () => {
    const ann = await connect('ann');
    const seqs: number[] = [];
    for (let n = 0; n < MAX_PINS + 20; n++)
      seqs.push((await at(ann, 0).call('chat.send', { to: 'ben', kind: 'text', content: `${n}` })).seq);
    const pin = (seq: number, active: boolean, n = seq) =>
      at(ann, n).call('chat.pin', { to: 'ben', seq, active });
    for (const seq of seqs.slice(0, MAX_PINS - 5)) await pin(seq, true, 0);
    expect(await codes(seqs.slice(MAX_PINS - 5).map((seq) => pin(seq, true)))).toEqual({
      ok: 5,
      refused: 20,
    });
    // One that is taken away makes room for exactly one; what is pinned already needs none.
    await pin(seqs[0] as number, false);
    const again = [...seqs.slice(1, 4), ...seqs.slice(MAX_PINS - 5)].map((seq) => pin(seq, true));
    expect((await codes(again)).ok).toBe(3 + 5 + 1);
    expect(await pins(at(ann, 0))).toBe(MAX_PINS);
  });
  const pins = async (client: RawClient): Promise<number> => {
    let count = 0;
    for (let before: number | undefined; ;) {
      const page = await client.call('chat.pins', { to: 'ben', before, limit: 50 });
      count += page.pins.length;
      before = page.pins.at(-1)?.message.seq;
      if (!page.more) return count;
    }
  };

  it('are not passed by reactions: of one user, and different ones together', async () => {
    const { emojis, emojisOfUser } = REACTION_LIMITS;
    const users = Array.from({ length: emojis / emojisOfUser + 1 }, (_, n) => `user${n}`);
    const team = await Promise.all(users.map(connect));
    const first = at(at(team, 0), 0);
    await first.call('group.create', { id: 'team', name: 'x', visibility: 'open' });
    for (const own of team.slice(1)) await at(own, 0).call('group.join', { conversation: 'team' });
    const { seq } = await first.call('chat.send', { conversation: 'team', kind: 'text', content: 'x' });
    const react = (user: number, n: number) =>
      at(at(team, user), n).call('chat.react', { conversation: 'team', seq, emoji: `e${user}-${n}` });
    const mine = Array.from({ length: emojisOfUser * 2 }, (_, n) => react(0, n));
    expect(await codes(mine)).toEqual({ ok: emojisOfUser, refused: emojisOfUser });
    const others = users
      .slice(1)
      .flatMap((_, user) => Array.from({ length: emojisOfUser }, (__, n) => react(user + 1, n)));
    expect(await codes(others)).toEqual({ ok: emojis - emojisOfUser, refused: emojisOfUser });
    const { messages } = await first.call('chat.history', { conversation: 'team', limit: 200 });
    const message = messages.find((each) => each.seq === seq) as { reactions?: unknown[] };
    expect(message.reactions).toHaveLength(emojis);
  });
});
