import type { Journal } from './journal.js';
import { MysqlJournal } from './mysql-journal.js';
import { SqliteJournal } from './sqlite-journal.js';

const SQLITE = 'sqlite:';

/** The journal of this yardstick, on the empty database it was given. */
export async function openJournal(url = process.env.DATABASE_URL ?? ''): Promise<Journal> {
  return url.startsWith(SQLITE) ? new SqliteJournal(url.slice(SQLITE.length)) : MysqlJournal.open(url);
}
