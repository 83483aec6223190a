import { Global, Module } from '@nestjs/common';
import { Database, MysqlDatabase, SqliteDatabase } from '../database/index.js';
import { MYSQL_BATCH, SQLITE_BATCH } from './group-commit.js';
import { JournalStore } from './journal-store.js';
import { JournalService } from './journal.service.js';
import { MysqlJournalStore } from './mysql-journal-store.js';
import { SqliteJournalStore } from './sqlite-journal-store.js';

function storeOn(database: Database): JournalStore {
  if (database instanceof SqliteDatabase) return new SqliteJournalStore(database);
  if (database instanceof MysqlDatabase) return new MysqlJournalStore(database);
  throw new Error('There is no journal for this database');
}

/** The journal, on whichever database the settings name. */
@Global()
@Module({
  providers: [
    { provide: JournalStore, inject: [Database], useFactory: storeOn },
    {
      provide: JournalService,
      inject: [JournalStore],
      useFactory: (store: JournalStore) =>
        new JournalService(store, store instanceof MysqlJournalStore ? MYSQL_BATCH : SQLITE_BATCH),
    },
  ],
  exports: [JournalService, JournalStore],
})
export class JournalModule {}
