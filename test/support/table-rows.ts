import Libsql from 'libsql';
import { createConnection } from 'mysql2/promise';

/** Every row of every table, as text. */
export type TableRows = Map<string, string[]>;

/** Reads the database of a server under test beside it. */
export interface TableReader {
  rows(): Promise<TableRows>;
  close(): Promise<void>;
}

export async function tableReader(url: string): Promise<TableReader> {
  return url.startsWith('sqlite:') ? onSqlite(url.slice('sqlite:'.length)) : onMysql(url);
}

/** Written by the clock or after the commit, whoever calls or not. */
const CLOCKED = /^(presence_(leases|nodes|seen)|search_\w+|push_(nodes|outbox))$/;

/** What came and what went, by table. */
export function difference(before: TableRows, after: TableRows): string[] {
  return [...after].flatMap(([table, rows]) => {
    const old = CLOCKED.test(table) ? rows : (before.get(table) ?? []);
    if (rows.length === old.length && rows.every((row, at) => row === old[at])) return [];
    const [was, is] = [new Set(old), new Set(rows)];
    return [
      ...old.filter((row) => !is.has(row)).map((row) => `${table} - ${row}`),
      ...rows.filter((row) => !was.has(row)).map((row) => `${table} + ${row}`),
    ];
  });
}

function onSqlite(path: string): TableReader {
  const database = new Libsql(path, { readonly: true });
  const all = (sql: string): unknown[] => database.prepare(sql).all([]);
  const tables = (
    all("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name") as {
      name: string;
    }[]
  ).map(({ name }) => name);
  return {
    rows: async () => new Map(tables.map((table) => [table, textOf(all(`SELECT * FROM "${table}"`))])),
    close: async () => void database.close(),
  };
}

async function onMysql(url: string): Promise<TableReader> {
  const connection = await createConnection({ uri: url, rowsAsArray: true });
  const all = async (sql: string): Promise<unknown[]> => (await connection.query(sql))[0] as unknown[];
  const tables = ((await all('SHOW TABLES')) as [string][]).map(([name]) => name);
  return {
    rows: async () => {
      const rows: TableRows = new Map();
      for (const table of tables) rows.set(table, textOf(await all(`SELECT * FROM \`${table}\``)));
      return rows;
    },
    close: () => connection.end(),
  };
}

const textOf = (rows: unknown[]): string[] => rows.map((row) => JSON.stringify(row)).sort();
