import type {
  MysqlDatabase,
  SqliteDatabase,
  SqliteHandle,
  SqliteStatement,
} from '../../src/database/index.js';
import { SqliteDatabase as Sqlite } from '../../src/database/index.js';
import { type JournalStore, MysqlJournalStore, SqliteJournalStore } from '../../src/journal/index.js';
import type { OpenJournal } from './journal-harness.js';

/** Says before and after every statement whether the connection breaks there. */
export type FaultPlan = () => boolean;

function breakPerhaps(plan: FaultPlan): void {
  if (plan()) throw Object.assign(new Error('injected'), { code: 'PROTOCOL_CONNECTION_LOST', fatal: true });
}

function around<T>(plan: FaultPlan, statement: () => T): T {
  breakPerhaps(plan);
  const result = statement();
  breakPerhaps(plan);
  return result;
}

function faultyHandle(handle: SqliteHandle, plan: FaultPlan): SqliteHandle {
  const faulty = (statement: SqliteStatement): SqliteStatement => ({
    reader: statement.reader,
    run: (...values) => around(plan, () => statement.run(...values)),
    get: (...values) => around(plan, () => statement.get(...values)),
    all: (...values) => around(plan, () => statement.all(...values)),
  });
  return {
    get inTransaction() {
      return handle.inTransaction;
    },
    prepare: (sql) => faulty(handle.prepare(sql)),
    exec: (sql) => handle.exec(sql),
    pragma: (sql) => handle.pragma(sql),
    close: () => handle.close(),
  };
}

/** What follows the commit may break too: then it is stored, and nobody was told. */
function faultySqlite(database: SqliteDatabase, plan: FaultPlan): SqliteDatabase {
  const exclusive = async <T>(work: (handle: SqliteHandle) => T): Promise<T> => {
    const result = await database.door.exclusive((handle) => work(faultyHandle(handle, plan)));
    breakPerhaps(plan);
    return result;
  };
  return { reader: database.reader, door: { exclusive } } as unknown as SqliteDatabase;
}

function faultyMysql(database: MysqlDatabase, plan: FaultPlan): MysqlDatabase {
  const session: MysqlDatabase['door']['session'] = (work) =>
    database.door.session((inner) =>
      work({
        query: async (sql, values) => {
          breakPerhaps(plan);
          const result = await inner.query<never>(sql, values);
          breakPerhaps(plan);
          return result;
        },
      }),
    );
  return { read: database.read.bind(database), door: { session } } as unknown as MysqlDatabase;
}

/** The same journal through a connection that breaks between statements, and between a commit and its answer. */
export function faultyStore({ database }: OpenJournal, plan: FaultPlan): JournalStore {
  return database instanceof Sqlite
    ? new SqliteJournalStore(faultySqlite(database, plan))
    : new MysqlJournalStore(faultyMysql(database as MysqlDatabase, plan));
}
