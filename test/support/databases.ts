import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AppConfig } from '../../src/config/index.js';
import { freshDatabase } from './mariadb.js';

type Settings = AppConfig['database'];

/** Where a test keeps its data; gone after `dispose`. */
export interface TestDatabase {
  config: Settings;
  dispose(): Promise<void>;
}

export async function sqliteDatabase(): Promise<TestDatabase> {
  const folder = await mkdtemp(join(tmpdir(), 'rookery-sqlite-'));
  return {
    config: { type: 'sqlite', path: join(folder, 'nested', 'test.db'), migrate: true, allowLossy: false },
    dispose: () => rm(folder, { recursive: true, force: true }),
  };
}

/** On `server`, with deadlines of `timeout` milliseconds. */
export async function mysqlDatabase(server: string, timeout = 10_000): Promise<TestDatabase> {
  const { url, drop } = await freshDatabase(server);
  return {
    config: { type: 'mysql', url, poolSize: 5, timeout, migrate: true, allowLossy: false },
    dispose: drop,
  };
}
