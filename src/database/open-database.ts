import type { AppConfig } from '../config/index.js';
import type { Database } from './database.js';
import { MysqlDatabase } from './mysql-database.js';
import { SqliteDatabase } from './sqlite-database.js';

/**
 * Opens, checks and, where the settings say so, migrates the database. Rejects with LossyDatabaseError,
 * PendingMigrationsError or the driver's error, and leaves nothing open.
 */
export function openDatabase(config: AppConfig['database']): Promise<Database> {
  return config.type === 'sqlite' ? SqliteDatabase.open(config) : MysqlDatabase.open(config);
}
