import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { GroupPresence, Presence } from '@rookery/protocol';
import { RelationChanged } from '../../src/contacts/index.js';
import { WriteDoor } from '../../src/database/index.js';
import { EventBus, PresenceChanged, PresenceService } from '../../src/index.js';
import { presenceApp, type PresenceApp } from '../support/presence-app.js';
import { RawClient, tokenFor, type ConnectOptions } from '../support/raw-client.js';
import { stores, type FreshStore } from '../support/stores.js';

type Users = { users: Presence[] };

const WAIT = { timeout: 15_000 };

/** Each test has users of its own, and most of it waits until absence counts: they run beside one another. */
describe.each(stores())('presence on $name', { concurrent: true }, ({ open }) => {
  let store: FreshStore;
  let server: PresenceApp;
  const clients: RawClient[] = [];
  let number = 0;

  beforeAll(async () => {
    store = await open();
    server = await presenceApp({
      ...(store.databaseUrl && { DATABASE_URL: store.databaseUrl }),
      PRESENCE_STORE: 'database',
    });
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server?.stop();
    await store?.dispose();
  });

  const connect = async (user: string, options?: ConnectOptions): Promise<RawClient> => {
    const client = await RawClient.connect(server, user, options);
    clients.push(client);
    return client;
  };
  const on = (platform: string): ConnectOptions => ({ query: { platform } });
  /** Users that no other test has. */
  const names = <Count extends number>(count: Count): string[] & { length: Count } => {
    number++;
    return Array.from({ length: count }, (_, index) => `u${number}.${index}`) as string[] & { length: Count };
  };
  /** All that a client was told of a user, the latest last. */
  const told = (client: RawClient, user: string): Presence[] =>
    client.frames
      .filter(({ type }) => type === 'presence.changed' || type === 'presence.snapshot')
      .flatMap(({ data }) => (data as Users).users)
      .filter((each) => each.user === user);
  const latest = (client: RawClient, user: string): Presence | undefined => told(client, user).at(-1);
  const sees = (client: RawClient, user: string, state: string): Promise<void> =>
    client.until(() => latest(client, user)?.state === state);
  const look = async (client: RawClient, user: string): Promise<Presence | undefined> =>
    (await client.call('presence.get', { users: [user] })).users[0];
  /** Waits until it is so, whoever may know it. */
  const isTruly = (user: string, state: string): Promise<boolean> =>
    vi.waitUntil(async () => {
      const [truth] = await server.app.get(PresenceService).truth([user]);
      return truth?.state === state;
    }, WAIT);
  /** Everything that was told before has arrived. */
  const settled = async (client: RawClient): Promise<void> => void (await client.call('ping'));

  it('tells contacts who comes and goes, and when he was there', async () => {
    const [amy, ben] = names(2) as [string, string];
    server.contacts.connect(amy, ben);
    const watcher = await connect(amy);
    const visitor = await connect(ben, on('web'));
    await sees(watcher, ben, 'online');
    expect(latest(watcher, ben)).toEqual({ user: ben, state: 'online', platforms: ['web'] });
    const left = Date.now();
    await visitor.close();
    await sees(watcher, ben, 'offline');
    expect(latest(watcher, ben)?.lastSeen).toBeGreaterThanOrEqual(left - 1000);
    expect(latest(watcher, ben)?.lastSeen).toBeLessThanOrEqual(Date.now());
    expect(await look(watcher, ben)).toEqual(latest(watcher, ben));
  });

  it('shows who is there after the hello, and nothing to who has no contacts', async () => {
    const [amy, ben, cid, lone] = names(4) as [string, string, string, string];
    server.contacts.connect(amy, ben);
    server.contacts.connect(amy, cid);
    const witness = await connect(lone);
    await witness.call('presence.subscribe', { users: [ben] });
    await connect(ben, on('ios'));
    await sees(witness, ben, 'online');
    const late = await connect(amy);
    expect((await late.event('presence.snapshot')).data).toEqual({
      users: [{ user: ben, state: 'online', platforms: ['ios'] }],
      more: false,
    });
    expect(witness.dataOf('presence.snapshot')).toEqual([]);
    expect(await late.call('presence.get', {})).toMatchObject({
      users: [
        { user: amy, state: 'online' },
        { user: ben, state: 'online' },
      ],
    });
  });

  it('takes the best of several devices', async () => {
    const [amy, ben] = names(2) as [string, string];
    const watcher = await connect(amy);
    await watcher.call('presence.subscribe', { users: [ben] });
    const phone = await connect(ben, on('ios'));
    const desk = await connect(ben, on('web'));
    await watcher.until(() => latest(watcher, ben)?.platforms?.join() === 'ios,web');
    await phone.call('presence.set', { state: 'away', device: true });
    await desk.call('presence.set', { state: 'busy', device: true });
    await sees(watcher, ben, 'busy');
    await desk.call('presence.set', { state: 'away', device: true });
    await sees(watcher, ben, 'away');
    await phone.call('presence.set', { state: 'online', device: true });
    await sees(watcher, ben, 'online');
    await phone.close();
    await sees(watcher, ben, 'away');
    expect(latest(watcher, ben)?.platforms).toEqual(['web']);
  });

  it('keeps what a user chose for all his devices', async () => {
    const [amy, ben] = names(2) as [string, string];
    const watcher = await connect(amy);
    await watcher.call('presence.subscribe', { users: [ben] });
    const [phone, desk] = [await connect(ben, on('ios')), await connect(ben, on('web'))];
    const own = await phone.call('presence.set', { state: 'busy', status: { text: 'in a meeting' } });
    expect(own).toMatchObject({ user: ben, state: 'busy', status: { text: 'in a meeting' } });
    await sees(watcher, ben, 'busy');
    expect(latest(watcher, ben)?.status).toEqual({ text: 'in a meeting' });
    await sees(desk, ben, 'busy');
    await Promise.all([phone.close(), desk.close()]);
    await sees(watcher, ben, 'offline');
    expect(latest(watcher, ben)?.status).toBeUndefined();
    await connect(ben);
    await sees(watcher, ben, 'busy');
    expect(latest(watcher, ben)?.status).toEqual({ text: 'in a meeting' });
  });

  it('ends a status at its time', async () => {
    const [amy, ben] = names(2) as [string, string];
    const [watcher, desk] = [await connect(amy), await connect(ben)];
    await watcher.call('presence.subscribe', { users: [ben] });
    await desk.call('presence.set', { status: { text: 'soon back', expiresAt: Date.now() + 1500 } });
    await watcher.until(() => latest(watcher, ben)?.status?.text === 'soon back');
    await watcher.until(() => latest(watcher, ben)?.status === undefined);
    expect(latest(watcher, ben)?.state).toBe('online');
    const late = desk.call('presence.set', { status: { text: 'x', expiresAt: Date.now() - 1 } });
    await expect(late).rejects.toMatchObject({
      data: { code: 'invalid', details: [{ field: 'status.expiresAt' }] },
    });
  });

  it('lets an invisible user look as if he had gone, to everybody but himself', async () => {
    const [amy, ben, eve] = names(3) as [string, string, string];
    server.contacts.connect(amy, ben);
    const [friend, stranger] = [await connect(amy), await connect(eve)];
    await stranger.call('presence.subscribe', { users: [ben] });
    const desk = await connect(ben);
    await Promise.all([sees(friend, ben, 'online'), sees(stranger, ben, 'online')]);
    expect(await desk.call('presence.set', { state: 'invisible' })).toMatchObject({ state: 'invisible' });
    await Promise.all([sees(friend, ben, 'offline'), sees(stranger, ben, 'offline')]);
    const since = (await look(friend, ben))?.lastSeen;
    expect(since).toBeGreaterThan(Date.now() - 10_000);
    // Whatever he does now changes nothing for the others.
    const before = told(friend, ben).length;
    const second = await connect(ben, on('ios'));
    await second.call('presence.set', { status: { text: 'nobody sees this' } });
    await second.close();
    expect(await look(friend, ben)).toEqual({ user: ben, state: 'offline', lastSeen: since });
    expect(await look(desk, ben)).toMatchObject({ state: 'invisible', status: { text: 'nobody sees this' } });
    expect(server.app.get(PresenceService).isOnline(ben)).toBe(true);
    await settled(friend);
    expect(told(friend, ben)).toHaveLength(before);
    await desk.call('presence.set', { state: 'online' });
    await sees(friend, ben, 'online');
  });

  it('tells nobody of a device that comes back within five seconds', async () => {
    const [amy, ben] = names(2) as [string, string];
    server.contacts.connect(amy, ben);
    const watcher = await connect(amy);
    let phone = await connect(ben, on('ios'));
    await sees(watcher, ben, 'online');
    const before = told(watcher, ben).length;
    for (let round = 0; round < 5; round++) {
      phone.terminate();
      await phone.closed();
      phone = await connect(ben, on('ios'));
    }
    // Another change passes the same way, so that what is not there by then does not come.
    await phone.call('presence.set', { state: 'away', device: true });
    await sees(watcher, ben, 'away');
    expect(told(watcher, ben)).toHaveLength(before + 1);
  });

  describe('privacy', () => {
    const CIRCLES = ['everybody', 'contacts', 'nobody'] as const;
    const allowed = { everybody: ['contact', 'stranger'], contacts: ['contact'], nobody: [] as string[] };

    it.each(CIRCLES.flatMap((online) => CIRCLES.map((lastSeen) => [online, lastSeen] as const)))(
      'online for %s and last seen for %s',
      async (online, lastSeen) => {
        const [owner, contact, stranger, blocked, nobody] = names(5) as [
          string,
          string,
          string,
          string,
          string,
        ];
        server.contacts.connect(owner, contact);
        server.contacts.connect(owner, blocked);
        server.contacts.block(owner, blocked);
        const first = await connect(owner);
        expect(await first.call('presence.privacy', { online, lastSeen })).toEqual({ online, lastSeen });
        await first.close();
        // What was seen before the setting is taken back from then on; here nobody has ever seen anything.
        await isTruly(owner, 'offline');
        const phone = await connect(owner, on('ios'));
        expect(await phone.call('presence.privacy', {})).toEqual({ online, lastSeen });
        const viewers: [string, RawClient][] = [];
        for (const [name, user] of Object.entries({ contact, stranger, blocked }))
          viewers.push([name, await connect(user)]);
        const views = async (): Promise<Record<string, string[]>> =>
          Object.fromEntries(
            await Promise.all(
              viewers.map(async ([name, client]) => {
                const view = await look(client, owner);
                const absent = await look(client, nobody);
                expect(absent).toEqual({ user: nobody, state: 'offline' });
                return [name, Object.keys(view ?? {}).concat(view?.state ?? '')] as const;
              }),
            ),
          );
        for (const [, client] of viewers) await client.call('presence.subscribe', { users: [owner] });
        const here = ['user', 'state', 'platforms', 'online'];
        const hidden = ['user', 'state', 'offline'];
        const seen = ['user', 'state', 'lastSeen', 'offline'];
        const may = (circle: (typeof CIRCLES)[number], name: string): boolean =>
          allowed[circle].includes(name);
        await isTruly(owner, 'online');
        expect(await views()).toEqual(
          Object.fromEntries(viewers.map(([name]) => [name, may(online, name) ? here : hidden])),
        );
        await phone.close();
        const witnesses = viewers.filter(([name]) => may(online, name));
        await Promise.all(witnesses.map(([, client]) => sees(client, owner, 'offline')));
        await isTruly(owner, 'offline');
        expect(await views()).toEqual(
          Object.fromEntries(
            viewers.map(([name]) => [name, may(online, name) && may(lastSeen, name) ? seen : hidden]),
          ),
        );
        const unwitting = viewers.filter(([name]) => !may(online, name));
        expect(unwitting.flatMap(([, client]) => told(client, owner))).toEqual([]);
      },
      40_000,
    );

    it('takes effect at once on who watches: settings, blocks, ended contacts', async () => {
      const [owner, friend, foe] = names(3) as [string, string, string];
      server.contacts.connect(owner, friend);
      server.contacts.connect(owner, foe);
      const [a, b] = [await connect(friend), await connect(foe)];
      const phone = await connect(owner);
      await Promise.all([sees(a, owner, 'online'), sees(b, owner, 'online')]);
      server.contacts.block(owner, foe);
      server.app.get(EventBus).publish(new RelationChanged(owner, foe));
      await sees(b, owner, 'offline');
      expect(latest(b, owner)).toEqual({ user: owner, state: 'offline' });
      await phone.call('presence.privacy', { online: 'nobody' });
      await sees(a, owner, 'offline');
      await phone.call('presence.privacy', { online: 'contacts' });
      await sees(a, owner, 'online');
      expect(latest(b, owner)?.state).toBe('offline');
      server.contacts.part(owner, friend);
      server.app.get(EventBus).publish(new RelationChanged(friend, owner));
      await sees(a, owner, 'offline');
    });
  });

  it('subscribes until told otherwise, and not beyond the limit', async () => {
    const [amy, ben] = names(2) as [string, string];
    const watcher = await connect(amy);
    expect(await watcher.call('presence.subscribe', { users: [ben, ben] })).toEqual({
      users: [
        { user: ben, state: 'offline' },
        { user: ben, state: 'offline' },
      ],
    });
    const phone = await connect(ben);
    await sees(watcher, ben, 'online');
    await watcher.call('presence.unsubscribe', { users: [ben] });
    await phone.call('presence.set', { state: 'busy' });
    const other = await connect(amy);
    await other.call('presence.subscribe', { users: [ben] });
    await phone.call('presence.set', { state: 'away' });
    await sees(other, ben, 'away');
    expect(latest(watcher, ben)?.state).toBe('online');
    const many = (start: number) => Array.from({ length: 200 }, (_, index) => `${amy}-${start + index}`);
    await watcher.call('presence.subscribe', { users: many(0) });
    await watcher.call('presence.subscribe', { users: many(200) });
    await expect(watcher.call('presence.subscribe', { users: many(400) })).rejects.toMatchObject({
      data: { code: 'invalid', details: [{ field: 'users' }] },
    });
    await watcher.call('presence.unsubscribe', {});
    await watcher.call('presence.subscribe', { users: many(400) });
  });

  describe('in a group', () => {
    const members = async (group: string, users: readonly string[]): Promise<void> => {
      const columns = 'user_id, conversation_id, joined_seq, delivered_seq, read_seq, joined_at';
      const rows = users.map(() => '(?, ?, 0, 0, 0, 0)').join();
      await server.app.get(WriteDoor).transaction((manager) =>
        manager.query(
          `INSERT INTO members (${columns}) VALUES ${rows}`,
          users.flatMap((user) => [user, group]),
        ),
      );
    };

    it('of up to 500 members tells who is there, to members only', async () => {
      const [amy, ben, cid, eve] = names(4) as [string, string, string, string];
      const watcher = await connect(amy);
      const { id: group } = await watcher.call('group.create', { name: 'g', visibility: 'open' });
      const outsider = await connect(eve);
      const refused = { data: { code: 'not_found' } };
      await expect(outsider.call('presence.watch', { group })).rejects.toMatchObject(refused);
      await expect(outsider.call('presence.watch', { group: 'no such' })).rejects.toMatchObject(refused);
      expect(await watcher.call('presence.watch', { group })).toMatchObject({
        group,
        online: 1,
        users: [{ user: amy }],
      });
      const [phone, hidden] = [await connect(ben, on('ios')), await connect(cid)];
      await hidden.call('presence.privacy', { online: 'contacts' });
      await phone.call('group.join', { conversation: group });
      await hidden.call('group.join', { conversation: group });
      await sees(watcher, ben, 'online');
      await phone.call('presence.set', { state: 'busy' });
      await sees(watcher, ben, 'busy');
      expect(told(watcher, cid).filter(({ state }) => state !== 'offline')).toEqual([]);
      const reply = await watcher.call('presence.watch', { group });
      expect(reply.users?.map(({ user }) => user).sort()).toEqual([amy, ben].sort());
      expect(outsider.dataOf('presence.changed')).toEqual([]);
      // Who has left is not told of any more, and is told nothing.
      await phone.call('presence.watch', { group });
      await phone.call('group.leave', { conversation: group });
      const before = told(watcher, ben).length;
      await phone.call('presence.set', { state: 'away' });
      await watcher.call('presence.set', { state: 'away' });
      await sees(watcher, amy, 'away');
      expect(told(watcher, ben)).toHaveLength(before);
      expect(told(phone, amy)).toEqual([]);
      await watcher.call('presence.unwatch', { group });
    });

    it('of more members tells how many are there', async () => {
      const [amy, ...others] = names(4) as [string, ...string[]];
      const creator = await connect(amy);
      const { id: group } = await creator.call('group.create', { name: 'big', visibility: 'open' });
      await creator.close();
      await members(group, [...others, ...Array.from({ length: 500 }, (_, index) => `${amy}x${index}`)]);
      const watcher = await connect(amy);
      await isTruly(amy, 'online');
      const reply = await watcher.call('presence.watch', { group });
      expect(reply.users).toBeUndefined();
      expect(reply.online).toBeLessThanOrEqual(1);
      const [first, second, third] = await Promise.all(others.map((user) => connect(user)));
      await third?.call('presence.set', { state: 'invisible' });
      const counted = (): number | undefined =>
        watcher.dataOf<GroupPresence>('presence.group').at(-1)?.online;
      await watcher.until(() => counted() === 3, 15_000);
      await first?.close();
      await watcher.until(() => counted() === 2, 20_000);
      expect(watcher.dataOf<GroupPresence>('presence.group').every((each) => each.group === group)).toBe(
        true,
      );
      expect(told(watcher, others[1] ?? '')).toEqual([]);
      await second?.close();
    }, 40_000);
  });

  it('answers services over REST, the user himself and nobody else', async () => {
    const [amy, ben] = names(2) as [string, string];
    const desk = await connect(ben, on('web'));
    await desk.call('presence.set', { state: 'invisible' });
    const ask = async (caller: string, claims: Record<string, unknown>, path: string, body?: unknown) => {
      const response = await fetch(`${server.url}/api/v1/presence/${path}`, {
        method: body ? 'POST' : 'GET',
        headers: { Authorization: `Bearer ${tokenFor(caller, claims)}`, 'content-type': 'application/json' },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return { status: response.status, body: await response.json() };
    };
    const admin = { role: 'admin' };
    expect(await ask('root', admin, ben)).toMatchObject({
      status: 200,
      body: { user: ben, isOnline: true, state: 'invisible', platforms: ['web'] },
    });
    expect(await ask(ben, {}, ben)).toMatchObject({ status: 200, body: { state: 'invisible' } });
    expect(await ask(amy, {}, ben)).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await ask(amy, {}, 'query', { users: [amy, ben] })).toMatchObject({ status: 403 });
    expect(await ask('root', admin, 'query', { users: [amy, ben] })).toMatchObject({
      status: 200,
      body: {
        users: [
          { user: amy, isOnline: false, state: 'offline', platforms: [], lastSeen: null },
          { user: ben, isOnline: true },
        ],
      },
    });
    expect(await ask('root', admin, 'query', { users: [] })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'users' }] },
    });
    expect(await ask('root', admin, '%20x')).toMatchObject({
      status: 400,
      body: { details: [{ field: 'user' }] },
    });
  });

  it('tells other modules', async () => {
    const [ben] = names(1) as [string];
    const events: PresenceChanged[] = [];
    const end = server.app.get(EventBus).on(PresenceChanged, (event) => {
      if (event.presence.user === ben) events.push(event);
    });
    const phone = await connect(ben, on('ios'));
    await vi.waitUntil(() => events.length > 0, WAIT);
    expect(events).toHaveLength(1);
    expect(events.at(-1)).toMatchObject({ presence: { state: 'online' }, before: 'offline' });
    expect(server.app.get(PresenceService).onlineCount).toBeGreaterThanOrEqual(1);
    await phone.close();
    await vi.waitUntil(() => events.at(-1)?.presence.state === 'offline', WAIT);
    expect(await server.app.get(PresenceService).lastSeen(ben)).toBeGreaterThan(Date.now() - 10_000);
    end();
  });
});
