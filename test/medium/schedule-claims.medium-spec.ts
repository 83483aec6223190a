import { afterEach, describe, expect, it } from 'vitest';
import { openDatabase } from '../../src/database/index.js';
import { ScheduleRepository } from '../../src/notifications/schedule/schedule.repository.js';
import { mysqlDatabase, sqliteDatabase, type TestDatabase } from '../support/databases.js';
import { mariaDbUrl } from '../support/mariadb.js';

const ROWS = 60;
const LONG_AGO = 0;
const server = mariaDbUrl();

/** On MariaDB two processes, each with connections of its own; on SQLite there is but one. */
const STORES: [string, number, () => Promise<TestDatabase>][] = [
  ['SQLite', 1, sqliteDatabase],
  ...(server ? [['MariaDB', 2, () => mysqlDatabase(server)] as (typeof STORES)[number]] : []),
];

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

describe.each(STORES)('scheduled notifications on %s', (_, processes, make) => {
  const open = async (): Promise<[ScheduleRepository, ScheduleRepository]> => {
    const { config, dispose } = await make();
    cleanUps.push(dispose);
    const repositories: ScheduleRepository[] = [];
    for (let n = 0; n < processes; n++) {
      const database = await openDatabase(config);
      cleanUps.push(() => database.close());
      repositories.push(new ScheduleRepository(database.dataSource, database.door));
    }
    const [one, other = one] = repositories;
    return [one!, other!];
  };
  const rowOf = (id: string, key = id) => ({ id, key, request: '{}', dueAt: 1, createdAt: 1 });
  const all = Array.from({ length: ROWS }, (_, n) => `row-${n}`);

  it('are taken in hand by one of those who try, or cancelled, and never both', async () => {
    const [one, other] = await open();
    for (const id of all) await one.add(rowOf(id), 1000);
    const outcomes = await Promise.all(
      all.map((id) =>
        Promise.all([
          one.claim(id, `one-${id}`, 10, LONG_AGO),
          other.claim(id, `other-${id}`, 10, LONG_AGO),
          one.cancel(id, `stop-${id}`),
          other.claim(id, `again-${id}`, 10, LONG_AGO),
        ]),
      ),
    );
    expect(outcomes.map((won) => won.filter(Boolean).length)).toEqual(all.map(() => 1));
    const rows = await one.list(undefined, undefined, 1000);
    const cancelled = rows.filter(({ state }) => state === 'cancelled').map(({ id }) => id);
    const expected = all.filter((_, n) => outcomes[n]?.[2]);
    expect(cancelled.toSorted()).toEqual(expected.toSorted());
    expect(await other.due(100, LONG_AGO, 1000)).toEqual([]);
  });

  it('are taken over from who has been silent for long, and what he says then counts no more', async () => {
    const [one, other] = await open();
    await one.add(rowOf('a'), 1000);
    expect(await one.claim('a', 'dead', 10, LONG_AGO)).toBe(true);
    expect((await other.due(100, 9, 10)).length).toBe(0);
    expect((await other.due(100, 10, 10)).length).toBe(1);
    expect(await other.claim('a', 'heir', 20, 10)).toBe(true);
    await one.settle('a', 'dead', 'pending');
    expect((await one.find('a'))?.state).toBe('sending');
    await other.settle('a', 'heir', 'sent', { sent: 1 });
    expect(await one.find('a')).toMatchObject({ state: 'sent', result: '{"sent":1}' });
    expect(await one.cancel('a', 'late')).toBe(false);
  });

  it('are one for a key, whoever asks first, and no more than may wait', async () => {
    const [one, other] = await open();
    const stored = await Promise.all(
      all.map((id, n) => (n % 2 === 0 ? one : other).add(rowOf(id, `key-${n % 5}`), 1000)),
    );
    expect(new Set(stored.map((row) => row?.id)).size).toBe(5);
    expect(await one.add(rowOf('more'), 5)).toBeUndefined();
    expect(await one.add(rowOf('known', 'key-1'), 5)).toMatchObject({ key: 'key-1' });
    await one.purge(100);
    expect((await one.list('pending', undefined, 100)).length).toBe(5);
  });
});
