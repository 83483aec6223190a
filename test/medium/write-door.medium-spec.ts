import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConversationEntity } from '../../src/database/entities/conversation.entity.js';
import { openDatabase } from '../../src/database/index.js';
import { JournalService } from '../../src/journal/index.js';
import { direct } from '../contracts/journal.contract.js';
import { mysqlDatabase } from '../support/databases.js';
import { mysqlJournal, type OpenJournal, openJournal, sqliteJournal } from '../support/journal-harness.js';
import { mariaDbUrl, onServer } from '../support/mariadb.js';

const server = mariaDbUrl();
const drivers: [string, (() => Promise<OpenJournal>) | undefined][] = [
  ['SQLite', sqliteJournal],
  ['MariaDB', server === undefined ? undefined : () => mysqlJournal(server)],
];

const row = (id: string) => ({ id, kind: 'group', headSeq: 0, movedAt: 0, createdAt: 0 });

/** A promise that the test settles. */
function gate() {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

for (const [name, open] of drivers) {
  describe.skipIf(!open)(`the write door on ${name}`, () => {
    let journal: OpenJournal;

    beforeEach(async () => {
      journal = await open!();
    });
    afterEach(() => journal.dispose());

    const count = (id: string) =>
      journal.database.dataSource.getRepository(ConversationEntity).countBy({ id });

    it('keeps journal commits that stand beside a transaction which rolls back', async () => {
      const service = new JournalService(journal.store);
      const inside = gate();
      const leave = gate();
      const failing = journal.database.door.transaction(async (manager) => {
        await manager.insert(ConversationEntity, row('doomed'));
        inside.open();
        await leave.opened;
        throw new Error('change of mind');
      });
      await inside.opened;
      const appended = Array.from({ length: 20 }, (_, i) => service.append(direct('alice', 'bob', `m${i}`)));
      leave.open();
      await expect(failing).rejects.toThrow('change of mind');
      await Promise.all(appended);
      expect(await journal.store.read('dm:alice:bob', { limit: 50 })).toHaveLength(20);
      expect(await count('doomed')).toBe(0);
    });

    it('shows nobody what is not committed', async () => {
      const seen = await journal.database.door.transaction(async (manager) => {
        await manager.insert(ConversationEntity, row('new'));
        return [await count('new'), await manager.countBy(ConversationEntity, { id: 'new' })];
      });
      expect(seen).toEqual([0, 1]);
      expect(await count('new')).toBe(1);
    });

    it('commits concurrent units one by one or side by side, each as a whole', async () => {
      const units = Array.from({ length: 20 }, (_, i) =>
        journal.database.door.transaction(async (manager) => {
          await manager.insert(ConversationEntity, row(`a${i}`));
          await manager.insert(ConversationEntity, row(`b${i}`));
          if (i % 3 === 0) throw new Error('no');
        }),
      );
      await Promise.allSettled(units);
      const counts = await Promise.all(
        units.map(async (_, i) => (await count(`a${i}`)) + (await count(`b${i}`))),
      );
      expect(counts).toEqual(units.map((_, i) => (i % 3 === 0 ? 0 : 2)));
    });

    it('refuses a door inside a door instead of waiting for itself', async () => {
      const { door } = journal.database;
      const nested = door.transaction(() => door.transaction(async () => undefined));
      await expect(nested).rejects.toThrow(/inside another/);
      await door.transaction(async () => undefined);
    });

    it('writes null and booleans through TypeORM', async () => {
      await journal.database.door.transaction(async (manager) => {
        expect(await manager.query('SELECT ? AS value', [null])).toMatchObject([{ value: null }]);
        expect(await manager.query('SELECT ? AS value', [true])).toMatchObject([
          { value: expect.anything() },
        ]);
      });
    });

    it('answers a ping, and no longer once closed', async () => {
      await journal.database.ping();
      await journal.database.close();
      await expect(journal.database.ping()).rejects.toMatchObject({ name: 'AppError' });
      await journal.removeData();
      journal = await open!();
    });
  });
}

describe('rule 11 on SQLite', () => {
  let journal: OpenJournal;

  beforeEach(async () => {
    journal = await sqliteJournal();
  });
  afterEach(() => journal.dispose());

  it('refuses every write beside the door', async () => {
    const { dataSource } = journal.database;
    const repository = dataSource.getRepository(ConversationEntity);
    await expect(repository.insert(row('x'))).rejects.toThrow(/readonly/);
    await expect(
      dataSource.transaction((manager) => manager.insert(ConversationEntity, row('x'))),
    ).rejects.toThrow(/readonly/);
    await expect(dataSource.query('DELETE FROM conversations')).rejects.toThrow(/readonly/);
    expect(await repository.count()).toBe(1);
  });
});

describe.skipIf(server === undefined)('rivals on MariaDB', () => {
  it('are survived: a deadlocked unit runs again as a whole', async () => {
    const journal = await mysqlJournal(server!);
    const { door } = journal.database;
    await door.transaction((manager) => manager.insert(ConversationEntity, [row('a'), row('b')]));
    const first = gate();
    const second = gate();
    let runs = 0;
    const raise = (ids: [string, string], mine: () => void, other: Promise<void>) =>
      door.transaction(async (manager) => {
        runs++;
        await manager.increment(ConversationEntity, { id: ids[0] }, 'headSeq', 1);
        mine();
        await other;
        await manager.increment(ConversationEntity, { id: ids[1] }, 'headSeq', 1);
      });
    await Promise.all([
      raise(['a', 'b'], first.open, second.opened),
      raise(['b', 'a'], second.open, first.opened),
    ]);
    expect(runs).toBe(3);
    const rows = await journal.database.dataSource
      .getRepository(ConversationEntity)
      .findBy({ kind: 'group' });
    expect(rows.map(({ headSeq }) => headSeq)).toEqual([2, 2]);
    await journal.dispose();
  });

  it('are survived by the journal, and nothing is stored twice', async () => {
    const journal = await mysqlJournal(server!);
    const batches = Array.from({ length: 30 }, (_, i) => {
      const peers = ['p1', 'p2', 'p3', 'p4'].map((peer, k) => ['p4', 'p3', 'p2', 'p1'][(i + k) % 4] ?? peer);
      return journal.store.commit(
        peers.map((peer) => ({ op: 'append', request: direct('alice', peer, `m${i}`) })),
      );
    });
    const outcomes = (await Promise.all(batches)).flat();
    expect(outcomes.filter((outcome) => outcome instanceof Error)).toEqual([]);
    for (const peer of ['p1', 'p2', 'p3', 'p4']) {
      const entries = await journal.store.read(`dm:alice:${peer}`, { after: 0, limit: 100 });
      expect(entries.map(({ seq }) => seq)).toEqual(Array.from({ length: 30 }, (_, i) => i + 1));
    }
    await journal.dispose();
  });

  it('that hold a lock too long make the operation unavailable, not stuck', async () => {
    const test = await mysqlDatabase(server!, 500);
    const journal = await openJournal(test);
    await journal.store.commit([{ op: 'append', request: direct('alice', 'bob', 'a') }]);
    const held = gate();
    const release = gate();
    const holding = journal.database.door
      .transaction(async (manager) => {
        await manager.query("SELECT * FROM conversations WHERE id = 'dm:alice:bob' FOR UPDATE");
        held.open();
        await release.opened;
      })
      .catch(() => undefined);
    await held.opened;
    const blocked = journal.store.commit([{ op: 'append', request: direct('alice', 'bob', 'b') }]);
    await expect(blocked).rejects.toMatchObject({ code: 'unavailable' });
    release.open();
    await holding;
    const [outcome] = await journal.store.commit([{ op: 'append', request: direct('alice', 'bob', 'b') }]);
    expect(outcome).toMatchObject({ duplicate: false, entry: { seq: 2 } });
    await journal.dispose();
  });

  it('in the shape of a latin1 database are refused at boot', async () => {
    const test = await mysqlDatabase(server!);
    if (test.config.type !== 'mysql') return;
    const name = new URL(test.config.url).pathname.slice(1);
    await onServer(server!, `ALTER DATABASE ${name} CHARACTER SET latin1`);
    await expect(openDatabase(test.config)).rejects.toThrow(/character_set_database is latin1/);
    await (await openDatabase({ ...test.config, allowLossy: true })).close();
    await test.dispose();
  });
});
