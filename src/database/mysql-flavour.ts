import { createConnection } from 'mysql2/promise';
import type { DatabaseConfig } from '../config/index.js';
import { mysqlAddress, type MysqlConfig } from './mysql-pool.js';

/** They describe their columns differently, and TypeORM must know before it compares a schema. */
export type MysqlFlavour = 'mysql' | 'mariadb';

/** Which of the two answers. Rejects with the driver's error when none does. */
export async function mysqlFlavour(config: MysqlConfig): Promise<MysqlFlavour> {
  const connection = await createConnection({ ...mysqlAddress(config.url), connectTimeout: config.timeout });
  try {
    const [rows] = await connection.query('SELECT VERSION() AS version');
    const [row] = rows as { version: string }[];
    return /mariadb/i.test(row?.version ?? '') ? 'mariadb' : 'mysql';
  } finally {
    connection.destroy();
  }
}

/** The same for any database; SQLite has no flavours. */
export async function flavourOf(config: DatabaseConfig): Promise<MysqlFlavour | undefined> {
  return config.type === 'mysql' ? mysqlFlavour(config) : undefined;
}
