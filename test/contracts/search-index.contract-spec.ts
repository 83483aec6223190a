import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { MysqlDatabase, openDatabase, SqliteDatabase, type Database } from '../../src/database/index.js';
import {
  MysqlSearchIndex,
  SqliteSearchIndex,
  type Condition,
  type FindRequest,
  type SearchDocument,
  type SearchIndex,
} from '../../src/search/index.js';
import { mysqlDatabase, sqliteDatabase, type TestDatabase } from '../support/databases.js';
import { mariaDbUrl } from '../support/mariadb.js';

const server = mariaDbUrl();
const makers: [string, (() => Promise<TestDatabase>) | undefined][] = [
  ['SQLite', sqliteDatabase],
  ['MariaDB', server === undefined ? undefined : () => mysqlDatabase(server)],
];

for (const [name, make] of makers)
  describe.skipIf(!make)(`SearchIndex on ${name}`, () => {
    let test: TestDatabase;
    let database: Database;
    let index: SearchIndex;

    beforeEach(async () => {
      test = await make!();
      database = await openDatabase(test.config);
      index =
        database instanceof SqliteDatabase
          ? new SqliteSearchIndex(database)
          : new MysqlSearchIndex(database as MysqlDatabase);
    });
    afterEach(async () => {
      await database.close();
      await test.dispose();
    });

    const T0 = 1_700_000_000_000;
    const document = (conversation: string, seq: number, terms: string, time = T0): SearchDocument => ({
      conversation,
      seq,
      time,
      terms: terms.split(' '),
    });
    const put = (...documents: SearchDocument[]) => index.write({ documents, removed: [], positions: [] });
    const find = async (conditions: Condition[], more: Partial<FindRequest> = {}) =>
      (await index.find({ conditions, limit: 100, ...more })).map(
        ({ conversation, seq }) => `${conversation}#${seq}`,
      );
    const term = (...anyOf: string[]): Condition => ({ anyOf });

    it('finds what has all that is asked for, the newest first', async () => {
      await put(
        document('a', 1, 'wqone wqtwo', T0),
        document('a', 2, 'wqtwo wqthree', T0 + 2),
        document('b', 1, 'wqtwo', T0 + 1),
      );
      expect(await find([term('wqtwo')])).toEqual(['a#2', 'b#1', 'a#1']);
      expect(await find([term('wqtwo'), term('wqone', 'wqthree')])).toEqual(['a#2', 'a#1']);
      expect(await find([term('wqone'), term('wqthree')])).toEqual([]);
      expect(await find([{ anyOf: ['wqt'], prefix: true }])).toEqual(['a#2', 'b#1', 'a#1']);
      expect(await find([term('wqt')])).toEqual([]);
    });

    it('keeps to times, and goes on from what was found before', async () => {
      await put(...[1, 2, 3, 4, 5].map((seq) => document('a', seq, 'wqx', T0 + seq)));
      expect(await find([term('wqx')], { after: T0 + 1, before: T0 + 5 })).toEqual(['a#4', 'a#3', 'a#2']);
      const seen: string[] = [];
      let below: number | undefined;
      for (;;) {
        const found = await index.find({ conditions: [term('wqx')], below, limit: 2 });
        if (found.length === 0) break;
        seen.push(...found.map(({ seq }) => String(seq)));
        below = found.at(-1)?.id;
      }
      expect(seen).toEqual(['5', '4', '3', '2', '1']);
    });

    it('keeps all of one millisecond, also when they come in several goes', async () => {
      for (let go = 0; go < 4; go++)
        await put(...Array.from({ length: 25 }, (_, n) => document(`c${n}`, go + 1, 'wqsame')));
      expect(new Set(await find([term('wqsame')])).size).toBe(100);
    });

    it('is changed by what takes the place of something, and by what is removed', async () => {
      await put(document('a', 1, 'wqold'), document('a', 2, 'wqother'));
      await put(document('a', 1, 'wqnew'));
      expect([await find([term('wqold')]), await find([term('wqnew')])]).toEqual([[], ['a#1']]);
      const removed = [
        { conversation: 'a', seq: 1 },
        { conversation: 'absent', seq: 7 },
      ];
      await index.write({ documents: [], removed, positions: [] });
      expect([await find([term('wqnew')]), await find([term('wqother')])]).toEqual([[], ['a#2']]);
    });

    it('changes nothing when it is written again', async () => {
      const changes = {
        documents: [document('a', 1, 'wqx'), document('a', 2, 'wqx')],
        removed: [],
        positions: [{ conversation: 'a', seq: 2 }],
      };
      await index.write(changes);
      await index.write(changes);
      expect((await find([term('wqx')])).sort()).toEqual(['a#1', 'a#2']);
    });

    it('has positions that never go back', async () => {
      const reach = (seq: number) =>
        index.write({ documents: [], removed: [], positions: [{ conversation: 'a', seq }] });
      await reach(5);
      await reach(3);
      expect([...(await index.positions(['a', 'b']))]).toEqual([['a', 5]]);
      expect([...(await index.positions([]))]).toEqual([]);
    });

    it('tells what moved, from a place on, with how far it is indexed', async () => {
      await database.door.transaction(async (manager) => {
        for (const [id, head, time] of [
          ['a', 3, 10],
          ['b', 2, 20],
          ['c', 1, 20],
        ])
          await manager.query(
            'INSERT INTO conversations (id, kind, head_seq, moved_at, created_at) VALUES (?, ?, ?, ?, 0)',
            [id, 'group', head, time],
          );
      });
      await index.write({ documents: [], removed: [], positions: [{ conversation: 'b', seq: 2 }] });
      const from = { time: 0, conversation: '' };
      const some = await index.moved(from, 2);
      expect(some).toEqual([
        { conversation: 'a', head: 3, indexed: 0, time: 10 },
        { conversation: 'b', head: 2, indexed: 2, time: 20 },
      ]);
      const [next] = await index.moved(some[1]!, 1);
      expect(next).toMatchObject({ conversation: 'c', time: 20 });
    });
  });
