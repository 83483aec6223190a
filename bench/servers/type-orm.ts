import { DataSource, type DataSourceOptions } from 'typeorm';
import { LibsqlDriver } from './libsql-driver.js';

const SQLITE = 'sqlite:';
const POOL = 10;

/** TypeORM on the store of this yardstick, as safe as ours: SQLite syncs at every commit. */
export function openTypeOrm(
  entities: readonly (new () => object)[],
  url = process.env.DATABASE_URL ?? '',
): Promise<DataSource> {
  const shared = { entities, synchronize: true };
  return new DataSource({ ...shared, ...driverOf(url) } as unknown as DataSourceOptions).initialize();
}

function driverOf(url: string): object {
  if (!url.startsWith(SQLITE)) return { type: 'mariadb', url, charset: 'utf8mb4_bin', poolSize: POOL };
  return {
    type: 'better-sqlite3',
    database: url.slice(SQLITE.length),
    driver: LibsqlDriver,
    prepareDatabase: (handle: LibsqlDriver) => {
      handle.pragma('journal_mode = WAL');
      handle.pragma('synchronous = FULL');
    },
  };
}
