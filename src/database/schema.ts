import type { DataSource, QueryRunner } from 'typeorm';

/** Thrown at boot: the schema is older than this server, and it may not change it. */
export class PendingMigrationsError extends Error {}

/** Seconds to wait for another node that is migrating. */
const MIGRATION_LOCK_WAIT = 120;

/** The lock is the server's, not the database's. */
const LOCK_NAME = "CONCAT('rookery.', MD5(DATABASE()))";

/** Brings the schema up to date when `migrate` says so; otherwise refuses a schema that is not. */
export async function prepareSchema(dataSource: DataSource, migrate: boolean): Promise<void> {
  if (dataSource.options.type === 'better-sqlite3') await migrateOrRefuse(dataSource, migrate);
  else await alone(dataSource, () => migrateOrRefuse(dataSource, migrate));
}

async function migrateOrRefuse(dataSource: DataSource, migrate: boolean): Promise<void> {
  if (!(await dataSource.showMigrations())) return;
  if (!migrate)
    throw new PendingMigrationsError(
      'The database has pending migrations: run `npm run migration:run`, or set DATABASE_MIGRATE=true',
    );
  await dataSource.runMigrations();
}

/** MySQL commits at every DDL statement, and even the look at what is pending makes a table: one node at a time. */
async function alone(dataSource: DataSource, work: () => Promise<void>): Promise<void> {
  const runner = dataSource.createQueryRunner();
  try {
    await lock(runner);
    await work();
  } finally {
    await runner.query(`DO RELEASE_LOCK(${LOCK_NAME})`).catch(() => undefined);
    await runner.release();
  }
}

async function lock(runner: QueryRunner): Promise<void> {
  const sql = `SELECT GET_LOCK(${LOCK_NAME}, ${MIGRATION_LOCK_WAIT}) AS held`;
  const [row] = (await runner.query(sql)) as { held: unknown }[];
  if (Number(row?.held) !== 1)
    throw new Error(
      `Another node has been migrating for ${MIGRATION_LOCK_WAIT} s; its lock was not released`,
    );
}
