import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/database/index.js';
import type { Devices, Owner } from '../../src/presence/lease.js';
import { MemoryPresenceStore } from '../../src/presence/memory-presence-store.js';
import type { HeldLease, PresenceStore } from '../../src/presence/presence-store.js';
import { SqlPresenceStore } from '../../src/presence/sql-presence-store.repository.js';
import { mysqlDatabase, sqliteDatabase, type TestDatabase } from '../support/databases.js';
import { mariaDbUrl } from '../support/mariadb.js';

interface OpenStore {
  store: PresenceStore;
  dispose(): Promise<void>;
}

const inMemory = async (): Promise<OpenStore> => ({
  store: new MemoryPresenceStore(),
  dispose: async () => undefined,
});

const inDatabase = (make: () => Promise<TestDatabase>) => async (): Promise<OpenStore> => {
  const test = await make();
  const database = await openDatabase(test.config);
  return {
    store: new SqlPresenceStore(database.dataSource, database.door),
    dispose: async () => {
      await database.close();
      await test.dispose();
    },
  };
};

const server = mariaDbUrl();
const drivers: [string, (() => Promise<OpenStore>) | undefined][] = [
  ['memory', inMemory],
  ['SQLite', inDatabase(sqliteDatabase)],
  ['MariaDB', server === undefined ? undefined : inDatabase(() => mysqlDatabase(server))],
];

const LONG = 60_000;
const A: Owner = { node: 'a', incarnation: 1 };
const B: Owner = { node: 'b', incarnation: 1 };
const online: Devices = { state: 'online', platforms: ['web'] };
const away: Devices = { state: 'away', platforms: ['ios', 'web'] };

describe.each(drivers)('a presence store: %s', (_, open) => {
  let opened: OpenStore;
  let store: PresenceStore;

  beforeEach(async ({ skip }) => {
    if (!open) return skip('NOT RUN: MariaDB');
    opened = await open();
    store = opened.store;
  });
  afterEach(() => opened?.dispose());

  /** Everything that one owner learns of the others, page by page. */
  const learned = async (owner: Owner, since?: string, limit = 100) => {
    const leases: HeldLease[] = [];
    for (let cursor = since; ;) {
      const page = await store.changes(owner, cursor, limit);
      leases.push(...page.leases);
      cursor = page.next;
      if (!page.more) return { leases, live: page.live, next: page.next };
    }
  };
  /** The last that was said of each user. */
  const last = (leases: HeldLease[]) => Object.fromEntries(leases.map((each) => [each.user, each.devices]));

  it('shows what an owner holds to the others, and not to himself', async () => {
    expect(await store.renew(A, LONG)).toBe(true);
    await store.hold(A, [
      { user: 'amy', devices: online },
      { user: 'ben', devices: away },
    ]);
    const { leases, live } = await learned(B);
    expect(live).toEqual([A]);
    expect(leases.map(({ owner }) => owner)).toEqual([A, A]);
    expect(last(leases)).toEqual({ amy: online, ben: away });
    expect((await learned(A)).leases).toEqual([]);
    expect(await store.present(['amy', 'ben', 'cid'])).toEqual(new Set(['amy', 'ben']));
    expect(await store.present([])).toEqual(new Set());
  });

  it('says what has changed since, ends included', async () => {
    await store.renew(A, LONG);
    await store.hold(A, [
      { user: 'amy', devices: online },
      { user: 'ben', devices: online },
    ]);
    const { next } = await learned(B);
    await store.hold(A, [{ user: 'amy' }, { user: 'cid', devices: away }]);
    const { leases } = await learned(B, next);
    expect(last(leases)).toMatchObject({ amy: undefined, cid: away });
    expect(leases.map(({ user }) => user)).toContain('amy');
    expect(await store.present(['amy', 'ben', 'cid'])).toEqual(new Set(['ben', 'cid']));
    expect(last((await learned(B)).leases)).toEqual({ ben: online, cid: away });
  });

  it('gives everything in pages, none twice within a round and none left out', async () => {
    await store.renew(A, LONG);
    const users = Array.from({ length: 523 }, (_, index) => `u${index}`);
    await store.hold(
      A,
      users.map((user) => ({ user, devices: online })),
    );
    await store.renew(B, LONG);
    await store.hold(
      B,
      users.map((user) => ({ user, devices: away })),
    );
    const { leases } = await learned({ node: 'c', incarnation: 1 }, undefined, 50);
    expect(leases).toHaveLength(2 * users.length);
    expect(new Set(leases.map(({ owner, user }) => `${owner.node} ${user}`)).size).toBe(2 * users.length);
  });

  it('believes an owner no longer than his lease, without anybody cleaning up', async () => {
    await store.renew(A, 400);
    await store.renew(B, LONG);
    await store.hold(A, [{ user: 'amy', devices: online }]);
    await store.hold(B, [{ user: 'ben', devices: online }]);
    expect(await store.present(['amy', 'ben'])).toEqual(new Set(['amy', 'ben']));
    await expect.poll(() => store.present(['amy', 'ben']), { timeout: 5000 }).toEqual(new Set(['ben']));
    expect((await learned({ node: 'c', incarnation: 1 })).live).toEqual([B]);
    // He was only slow: what he says counts again.
    expect(await store.renew(A, LONG)).toBe(true);
    await store.hold(A, [{ user: 'amy', devices: online }]);
    expect(await store.present(['amy'])).toEqual(new Set(['amy']));
  });

  it('lets a newer incarnation of a node end the older one', async () => {
    await store.renew(A, LONG);
    await store.hold(A, [{ user: 'amy', devices: online }]);
    const again = { ...A, incarnation: 2 };
    expect(await store.renew(again, LONG)).toBe(true);
    expect(await store.present(['amy'])).toEqual(new Set());
    expect(await store.renew(A, LONG)).toBe(false);
    await store.hold(A, [{ user: 'ben', devices: online }]);
    expect(await store.present(['amy', 'ben'])).toEqual(new Set());
    expect((await learned(B)).live).toEqual([again]);
  });

  it('forgets an owner who gives up', async () => {
    await store.renew(A, LONG);
    await store.hold(A, [{ user: 'amy', devices: online }]);
    await store.release({ ...A, incarnation: 0 });
    expect(await store.present(['amy'])).toEqual(new Set(['amy']));
    await store.release(A);
    expect(await store.present(['amy'])).toEqual(new Set());
    expect((await learned(B)).live).toEqual([]);
  });

  it('is the same after a sweep', async () => {
    await store.renew(A, LONG);
    await store.hold(A, [{ user: 'amy', devices: online }, { user: 'ben' }]);
    await store.sweep();
    expect(last((await learned(B)).leases)).toMatchObject({ amy: online });
    expect(await store.present(['amy', 'ben'])).toEqual(new Set(['amy']));
  });
});
