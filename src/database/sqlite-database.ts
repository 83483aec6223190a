import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DataSource } from 'typeorm';
import { makeFolder } from '../common/index.js';
import type { DatabaseConfig } from '../config/index.js';
import { Database } from './database.js';
import { storeError } from './database-errors.js';
import { sqliteReaderOptions, sqliteWriterOptions } from './data-source-options.js';
import { checkSqliteDurability } from './durability-check.js';
import { prepareSchema } from './schema.js';
import type { SqliteHandle } from './sqlite-driver.js';
import { SqliteWriteDoor } from './sqlite-write-door.js';

type Config = { migrate: boolean; allowLossy: boolean } & Extract<DatabaseConfig, { type: 'sqlite' }>;

/** A database in memory cannot be shared by two connections: it is a file of its own that goes when we do. */
const MEMORY_PATH = ':memory:';

/** An embedded file with two connections: a reader for everybody and a writer behind the door. */
export class SqliteDatabase extends Database {
  private constructor(
    override readonly dataSource: DataSource,
    private readonly writer: DataSource,
    override readonly door: SqliteWriteDoor,
    /** For our own SQL; read-only, and every statement must be read to its end. */
    readonly reader: SqliteHandle,
    private readonly temporaryFolder: string | undefined,
  ) {
    super();
  }

  static async open(given: Config): Promise<SqliteDatabase> {
    const folder = given.path === MEMORY_PATH ? await mkdtemp(join(tmpdir(), 'rookery-')) : undefined;
    const config = folder ? { ...given, path: join(folder, 'memory.db') } : given;
    // TypeORM would make it, too, and never come back where it cannot.
    makeFolder(dirname(config.path));
    const writer = await new DataSource(sqliteWriterOptions(config)).initialize();
    try {
      checkSqliteDurability(handleOf(writer), config.allowLossy);
      await prepareSchema(writer, config.migrate);
      const reader = await new DataSource(sqliteReaderOptions(config)).initialize();
      const door = new SqliteWriteDoor(writer, handleOf(writer));
      return new SqliteDatabase(reader, writer, door, handleOf(reader), folder);
    } catch (error) {
      await writer.destroy();
      throw error;
    }
  }

  override async ping(): Promise<void> {
    try {
      this.reader.prepare('SELECT 1').get();
    } catch (error) {
      throw storeError(error);
    }
  }

  /** The writer waits for the unit that is inside. */
  override async close(): Promise<void> {
    await this.dataSource.destroy();
    await this.door.finished();
    await this.writer.destroy();
    if (this.temporaryFolder) await rm(this.temporaryFolder, { recursive: true, force: true });
  }
}

function handleOf(dataSource: DataSource): SqliteHandle {
  return (dataSource.driver as unknown as { databaseConnection: SqliteHandle }).databaseConnection;
}
