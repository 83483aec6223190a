import { afterEach, describe, expect, it } from 'vitest';
import type { NotificationMessage } from '@rookery/protocol';
import { openDatabase, type Database } from '../../src/database/index.js';
import { api } from '../support/api.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores } from '../support/stores.js';

/** Users in the database; a million takes about a minute on each store. */
const USERS = Number(process.env.BROADCAST_USERS ?? 100_000);
const SAMPLE = 200;
const AT_ONCE = 20;
const MINUTES = 10 * 60_000;

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function databaseOf({ databaseUrl }: TestServer): Promise<Database> {
  const [type, path] = databaseUrl.split(/:(.*)/s) as [string, string];
  const shared = { migrate: false, allowLossy: false };
  const database = await openDatabase(
    type === 'sqlite'
      ? { type: 'sqlite', path, ...shared }
      : { type: 'mysql', url: databaseUrl, poolSize: 2, timeout: 60_000, ...shared },
  );
  cleanUps.push(() => database.close());
  return database;
}

/** Users `u0`, `u1`, … as they are once they have been connected, 100,000 in a statement. */
async function makeUsers({ dataSource, door }: Database, count: number): Promise<void> {
  const digits = `(SELECT 0 AS d ${[1, 2, 3, 4, 5, 6, 7, 8, 9].map((d) => `UNION ALL SELECT ${d}`).join(' ')})`;
  const number = 'a.d + 10 * b.d + 100 * c.d + 1000 * e.d + 10000 * f.d + ?';
  const name =
    dataSource.options.type === 'better-sqlite3'
      ? `'u' || CAST(${number} AS INTEGER)`
      : `CONCAT('u', ${number})`;
  for (let from = 0; from < count; from += 100_000)
    await door.transaction((manager) =>
      manager.query(
        `INSERT INTO members (user_id, conversation_id, joined_seq, delivered_seq, read_seq, joined_at)
        SELECT ${name}, 'broadcast:all', 0, 0, 0, 0
        FROM ${digits} a, ${digits} b, ${digits} c, ${digits} e, ${digits} f WHERE ${number} < ?`,
        [from, from, count],
      ),
    );
}

/** Rows of all tables that hold anything about entries and users. */
async function rowsOf({ dataSource }: Database): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { tableName } of dataSource.entityMetadatas) {
    const [row]: { n: number | string }[] = await dataSource.query(`SELECT COUNT(*) AS n FROM ${tableName}`);
    counts[tableName] = Number(row?.n);
  }
  return counts;
}

describe.each(stores())(`a broadcast to ${USERS.toLocaleString('en')} users on $name`, ({ name, open }) => {
  it(
    'is one row, answered at once, and brought once to each who comes later',
    async () => {
      const store = await open();
      cleanUps.push(() => store.dispose());
      const server = await TestServer.start({
        databaseUrl: store.databaseUrl,
        env: { WS_HANDSHAKE_RATE: '100000', SEARCH_ENABLED: 'false' },
      });
      cleanUps.push(() => server.stop());
      const database = await databaseOf(server);
      const watch = stopwatch();
      await makeUsers(database, USERS);
      const inserted = watch();

      const publish = (body: object, key?: string) =>
        api(server, 'POST', '/api/v1/admin/notifications', { user: 'root', role: 'admin', body, key });
      const before = await rowsOf(database);
      watch();
      const { status, json } = await publish({ audience: 'all', type: 'news', content: 'to all' }, 'once');
      const answered = watch();
      expect([status, json.duplicate]).toEqual([201, false]);
      expect(answered).toBeLessThan(2000);
      expect(await rowsOf(database)).toEqual({ ...before, entries: (before.entries ?? 0) + 1 });
      expect((await publish({ audience: 'all', type: 'news', content: 'to all' }, 'once')).json).toEqual({
        ...json,
        duplicate: true,
      });

      const step = Math.floor(USERS / SAMPLE);
      const users = Array.from({ length: SAMPLE }, (_, n) => `u${n * step}`);
      const connect = async (user: string): Promise<[RawClient, number]> => {
        const client = await RawClient.connect(server, user, {
          token: tokenFor(user),
          query: { device: 'd' },
        });
        await client.event('chat.synced');
        const got = client.dataOf<NotificationMessage>('notification.message');
        return [client, got.filter(({ id }) => id === json.id).length];
      };
      const forAll = async (work: (user: string) => Promise<void>): Promise<void> => {
        for (let n = 0; n < SAMPLE; n += AT_ONCE) await Promise.all(users.slice(n, n + AT_ONCE).map(work));
      };
      const seen = new Map<string, number[]>();
      watch();
      await forAll(async (user) => {
        const [client, first] = await connect(user);
        await client.call('chat.delivered', { conversation: json.conversation, seq: json.seq });
        await client.close();
        seen.set(user, [first]);
      });
      const brought = watch();
      await forAll(async (user) => {
        const [client, again] = await connect(user);
        await client.close();
        seen.get(user)?.push(again);
      });
      expect([...seen.values()]).toEqual(users.map(() => [1, 0]));

      watch();
      const path = `/api/v1/admin/notifications/${encodeURIComponent(json.id)}/report`;
      const report = await api(server, 'GET', path, { user: 'root', role: 'admin' });
      const reported = watch();
      expect(report.json).toMatchObject({
        users: USERS,
        delivered: { users: SAMPLE, devices: SAMPLE },
        read: 0,
      });
      const figures = { users: USERS, inserted, answered, brought, reported };
      if (process.env.BROADCAST_USERS) console.log(name, JSON.stringify(figures), '(milliseconds)');
    },
    MINUTES,
  );
});

/** Gives the milliseconds since it was asked last. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const lap = Math.round(performance.now() - last);
    last = performance.now();
    return lap;
  };
}
