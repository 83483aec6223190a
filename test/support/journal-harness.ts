import { type Database, MysqlDatabase, openDatabase, SqliteDatabase } from '../../src/database/index.js';
import { type JournalStore, MysqlJournalStore, SqliteJournalStore } from '../../src/journal/index.js';
import { mysqlDatabase, sqliteDatabase, type TestDatabase } from './databases.js';

/** An open database with a journal on it. */
export interface OpenJournal {
  database: Database;
  store: JournalStore;
  execute(sql: string, values: unknown[]): Promise<void>;
  dispose(): Promise<void>;
  /** The second half of `dispose`, for a test that has closed the database itself. */
  removeData(): Promise<void>;
}

export async function openJournal(test: TestDatabase): Promise<OpenJournal> {
  const database = await openDatabase(test.config);
  return {
    database,
    store: journalOn(database),
    execute: async (sql, values) => {
      await database.door.transaction((manager) => manager.query(sql, values));
    },
    dispose: async () => {
      await database.close();
      await test.dispose();
    },
    removeData: () => test.dispose(),
  };
}

function journalOn(database: Database): JournalStore {
  if (database instanceof SqliteDatabase) return new SqliteJournalStore(database);
  return new MysqlJournalStore(database as MysqlDatabase);
}

export const sqliteJournal = async (): Promise<OpenJournal> => openJournal(await sqliteDatabase());

export const mysqlJournal = async (server: string): Promise<OpenJournal> =>
  openJournal(await mysqlDatabase(server));
