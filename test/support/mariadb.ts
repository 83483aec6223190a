import { randomUUID } from 'node:crypto';
import { createConnection } from 'mysql2/promise';
import { inject } from 'vitest';

const STANDARD_URL = 'mysql://root@127.0.0.1:3306/';

declare module 'vitest' {
  interface ProvidedContext {
    /** Of a server that tests may make databases on; empty when there is none. */
    mariadbUrl: string;
  }
}

/** Runs statements on the server, outside any test database. */
export async function onServer(url: string, ...statements: string[]): Promise<unknown[]> {
  const connection = await createConnection({ uri: url, connectTimeout: 5000 });
  connection.on('error', () => undefined);
  try {
    const results: unknown[] = [];
    for (const sql of statements) results.push((await connection.query(sql))[0]);
    return results;
  } finally {
    connection.destroy();
  }
}

/** The standard local server, if one is there and lets us in. */
export async function standardMariaDb(): Promise<string | undefined> {
  return onServer(STANDARD_URL, 'SELECT 1').then(
    () => STANDARD_URL,
    () => undefined,
  );
}

/** The server of this run, as the global setup found it; undefined when tests against it cannot run. */
export function mariaDbUrl(): string | undefined {
  return inject('mariadbUrl') || undefined;
}

export interface FreshDatabase {
  url: string;
  drop(): Promise<void>;
}

/** An empty database under a name of its own. */
export async function freshDatabase(
  server: string,
  charset = 'CHARACTER SET utf8mb4 COLLATE utf8mb4_bin',
): Promise<FreshDatabase> {
  const name = `rookery_test_${randomUUID().replaceAll('-', '')}`;
  await onServer(server, `CREATE DATABASE ${name} ${charset}`);
  const url = new URL(server);
  url.pathname = name;
  return {
    url: url.href,
    drop: async () => void (await onServer(server, `DROP DATABASE IF EXISTS ${name}`)),
  };
}
