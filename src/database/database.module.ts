import { Global, Module, type OnApplicationShutdown } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AppConfig } from '../config/index.js';
import { Database } from './database.js';
import { openDatabase } from './open-database.js';
import { WriteDoor } from './write-door.js';

/** Thrown at boot: names the variable, and in its text the cause. */
class DatabaseNotOpenedError extends Error {
  constructor(override readonly cause: unknown) {
    const { message, code } = cause as NodeJS.ErrnoException;
    super(`the database of DATABASE_URL could not be opened: ${message || code}`);
  }
}

/** The database: opened, checked and migrated before anything that needs it, closed after everything that used it. */
@Global()
@Module({
  providers: [
    {
      provide: Database,
      inject: [AppConfig],
      useFactory: ({ database }: AppConfig): Promise<Database> =>
        openDatabase(database).catch((error: unknown) => {
          throw new DatabaseNotOpenedError(error);
        }),
    },
    { provide: DataSource, inject: [Database], useFactory: (database: Database) => database.dataSource },
    { provide: WriteDoor, inject: [Database], useFactory: (database: Database) => database.door },
  ],
  exports: [Database, DataSource, WriteDoor],
})
export class DatabaseModule implements OnApplicationShutdown {
  constructor(private readonly database: Database) {}

  onApplicationShutdown(): Promise<void> {
    return this.database.close();
  }
}
