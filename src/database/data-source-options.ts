import { resolve } from 'node:path';
import type { DataSourceOptions } from 'typeorm';
import type { DatabaseConfig } from '../config/index.js';
import { MYSQL_ENTITIES, SQLITE_ENTITIES } from './entities/index.js';
import { MIGRATIONS } from './migrations/index.js';
import type { MysqlFlavour } from './mysql-flavour.js';
import { createMysqlPool, mysqlAddress, type MysqlConfig } from './mysql-pool.js';
import { SqliteConnection, type SqliteHandle, SqliteWriterConnection } from './sqlite-driver.js';

type SqliteConfig = Extract<DatabaseConfig, { type: 'sqlite' }>;

/** Milliseconds to wait for another process that writes to the same file. */
const BUSY_TIMEOUT = 5000;

/** Pages of the log, 16 MiB, after which it is copied into the file: what is written often is copied less often. */
const CHECKPOINT_PAGES = 4000;

/** The schema is changed by migrations alone, run when we say so. */
const SHARED = { migrations: MIGRATIONS, synchronize: false, migrationsRun: false, logging: false } as const;

/** Milliseconds that one statement of a migration may take: a large table is changed slowly. */
const MIGRATION_TIMEOUT = 3_600_000;

/** For the migrations and the CLI. */
export function dataSourceOptions(
  config: DatabaseConfig,
  flavour: MysqlFlavour = 'mysql',
): DataSourceOptions {
  if (config.type === 'sqlite') return sqliteWriterOptions(config);
  const poolSize = Math.max(2, config.poolSize);
  return mysqlOptions({ ...config, poolSize, timeout: MIGRATION_TIMEOUT }, flavour, config.timeout);
}

/** The data source behind the write door; nobody else may have it. */
export function sqliteWriterOptions(config: SqliteConfig): DataSourceOptions {
  const prepare = (handle: SqliteHandle) => {
    handle.pragma('journal_mode = WAL');
    handle.pragma('synchronous = FULL');
    handle.pragma(`wal_autocheckpoint = ${CHECKPOINT_PAGES}`);
  };
  return sqliteOptions(config, SqliteWriterConnection, prepare);
}

/** The data source that everybody may inject: it sees committed rows only and refuses to write. */
export function sqliteReaderOptions(config: SqliteConfig): DataSourceOptions {
  return sqliteOptions(config, SqliteConnection, (handle) => handle.pragma('query_only = 1'));
}

function sqliteOptions(
  config: SqliteConfig,
  driver: typeof SqliteConnection,
  prepare: (handle: SqliteHandle) => void,
): DataSourceOptions {
  return {
    ...SHARED,
    type: 'better-sqlite3',
    database: resolve(config.path),
    entities: SQLITE_ENTITIES,
    driver,
    prepareDatabase: (handle: SqliteHandle) => {
      handle.pragma(`busy_timeout = ${BUSY_TIMEOUT}`);
      handle.pragma('foreign_keys = ON');
      prepare(handle);
    },
  };
}

/** The pool of the server; `connectTimeout` in milliseconds where it differs from the other deadlines. */
export function mysqlOptions(
  config: MysqlConfig,
  flavour: MysqlFlavour,
  connectTimeout = config.timeout,
): DataSourceOptions {
  const { host, port, user, password, database } = mysqlAddress(config.url);
  return {
    ...SHARED,
    type: flavour,
    host,
    port,
    username: user,
    password,
    database,
    entities: MYSQL_ENTITIES,
    driver: { createPool: () => createMysqlPool(config, { connectTimeout }) },
  };
}
