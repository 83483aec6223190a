import { DataSource } from 'typeorm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openDatabase, PendingMigrationsError } from '../../src/database/index.js';
import { dataSourceOptions } from '../../src/database/data-source-options.js';
import { MIGRATIONS } from '../../src/database/migrations/index.js';
import { flavourOf } from '../../src/database/mysql-flavour.js';
import { mysqlDatabase, sqliteDatabase, type TestDatabase } from '../support/databases.js';
import { mariaDbUrl } from '../support/mariadb.js';

const server = mariaDbUrl();
const makers: [string, boolean, () => Promise<TestDatabase>][] = [
  ['SQLite', true, sqliteDatabase],
  ['MariaDB', server !== undefined, () => mysqlDatabase(server ?? '')],
];

describe.each(makers)('the schema on %s', (_, available, make) => {
  let test: TestDatabase;
  let dataSource: DataSource;

  beforeEach(async ({ skip }) => {
    if (!available) skip('NOT RUN: MariaDB');
    test = await make();
    dataSource = await new DataSource(
      dataSourceOptions(test.config, await flavourOf(test.config)),
    ).initialize();
  });

  afterEach(async () => {
    if (!available) return;
    if (dataSource.isInitialized) await dataSource.destroy();
    await test.dispose();
  });

  it('is made by the migrations exactly as the entities describe it', async () => {
    await dataSource.runMigrations();
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries.map(({ query }) => query)).toEqual([]);
  });

  it('notices when the entities and the migrations differ', async () => {
    await dataSource.runMigrations();
    await dataSource.query('DROP TABLE device_cursors');
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    expect(upQueries).not.toEqual([]);
  });

  it('goes down to nothing and up again', async () => {
    await dataSource.runMigrations();
    for (const _ of MIGRATIONS) await dataSource.undoLastMigration();
    const runner = dataSource.createQueryRunner();
    expect(await runner.hasTable('conversations')).toBe(false);
    await runner.release();
    await dataSource.runMigrations();
    expect(await dataSource.query('SELECT id, kind, head_seq FROM conversations')).toEqual([
      { id: 'broadcast:all', kind: 'broadcast', head_seq: 0 },
    ]);
  });

  it('is refused at boot when migrations are pending and may not be run', async () => {
    const opening = openDatabase({ ...test.config, migrate: false });
    await expect(opening).rejects.toThrow(PendingMigrationsError);
    await expect(opening).rejects.toThrow(/migration:run/);
  });

  it('is migrated once when several nodes start together', async () => {
    const databases = await Promise.all([test.config, test.config].map((config) => openDatabase(config)));
    const [row] = await dataSource.query('SELECT COUNT(*) AS count FROM migrations');
    expect(Number(row.count)).toBe(MIGRATIONS.length);
    await Promise.all(databases.map((database) => database.close()));
  });
});
