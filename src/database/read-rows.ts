import type { Pool } from 'mysql2';
import type { DataSource } from 'typeorm';
import { storeError } from './database-errors.js';
import { readFrom } from './mysql-write-door.js';
import type { SqliteHandle } from './sqlite-driver.js';
import { StatementCache } from './sqlite-statements.js';

type Read = <Row>(sql: string, values: readonly unknown[]) => Row[] | Promise<Row[]>;

const readers = new WeakMap<DataSource, Read>();

/**
 * Own SQL for reading, which both databases understand: straight to the driver, because what TypeORM does around a query
 * costs several times the query. Rejects with AppError, `unavailable` where the store is not there.
 */
export async function readRows<Row>(
  dataSource: DataSource,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  try {
    return await readerOf(dataSource)<Row>(sql, values);
  } catch (error) {
    throw storeError(error);
  }
}

function readerOf(dataSource: DataSource): Read {
  const known = readers.get(dataSource);
  if (known) return known;
  const read = newReader(dataSource.driver);
  readers.set(dataSource, read);
  return read;
}

/** Of TypeORM's drivers, what they keep below them. */
function newReader(driver: unknown): Read {
  const { databaseConnection, pool } = driver as { databaseConnection?: SqliteHandle; pool?: Pool };
  if (pool) return (sql, values) => readFrom(pool, sql, values);
  const statements = new StatementCache(databaseConnection as SqliteHandle);
  return <Row>(sql: string, values: readonly unknown[]) => statements.get(sql).all(values) as Row[];
}
