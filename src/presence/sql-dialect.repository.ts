import type { DataSource } from 'typeorm';

/** Where the two databases have different words. */
export interface SqlDialect {
  /** Milliseconds since the epoch, by the clock of the database. */
  now: string;
  /** What an upsert would have inserted into the column. */
  incoming(column: string): string;
  greatest(a: string, b: string): string;
  /** After a `SELECT`: nobody changes the rows, or the lack of them, until the transaction ends. */
  forUpdate: string;
  /** `INSERT` of rows of which some are there already. */
  upsert(
    table: string,
    key: string,
    columns: readonly string[],
    rows: number,
    set: readonly string[],
  ): string;
}

const SQLITE_NOW = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";
const MYSQL_NOW = "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01', UTC_TIMESTAMP(3)) DIV 1000)";

const insert = (table: string, columns: readonly string[], rows: number, now: string): string => {
  const row = `(${columns.map((column) => (column === 'changed_at' ? now : '?')).join()})`;
  return `INSERT INTO ${table} (${columns.join()}) VALUES ${Array.from({ length: rows }, () => row).join()}`;
};

const SQLITE: SqlDialect = {
  now: SQLITE_NOW,
  incoming: (column) => `excluded.${column}`,
  greatest: (a, b) => `MAX(${a}, ${b})`,
  forUpdate: '',
  upsert: (table, key, columns, rows, set) =>
    `${insert(table, columns, rows, SQLITE_NOW)} ON CONFLICT (${key}) DO UPDATE SET ${set.join()}`,
};

const MYSQL: SqlDialect = {
  now: MYSQL_NOW,
  incoming: (column) => `VALUES(${column})`,
  greatest: (a, b) => `GREATEST(${a}, ${b})`,
  forUpdate: 'FOR UPDATE',
  upsert: (table, _key, columns, rows, set) =>
    `${insert(table, columns, rows, MYSQL_NOW)} ON DUPLICATE KEY UPDATE ${set.join()}`,
};

export function dialectOf({ options }: DataSource): SqlDialect {
  return options.type === 'better-sqlite3' ? SQLITE : MYSQL;
}

export const marks = (values: readonly unknown[]): string => values.map(() => '?').join();
