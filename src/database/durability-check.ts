import { Logger } from '@nestjs/common';
import type { SqliteHandle } from './sqlite-driver.js';

/** Thrown at boot: with this setting an acknowledged message may be lost. Names the variable. */
export class LossyDatabaseError extends Error {}

const logger = new Logger('Database');

function demand(name: string, actual: unknown, wanted: string, allowLossy: boolean): void {
  if (String(actual).toLowerCase() === wanted) return;
  const text = `${name} is ${String(actual)}, must be ${wanted}: acknowledged messages could be lost`;
  if (!allowLossy) throw new LossyDatabaseError(text);
  logger.warn(text);
}

/** Rule 1 on SQLite: WAL, and fsync at every commit. Refuses to boot unless lossy is allowed. */
export function checkSqliteDurability(handle: SqliteHandle, allowLossy: boolean): void {
  const [journal] = handle.pragma('journal_mode') as { journal_mode: string }[];
  const [sync] = handle.pragma('synchronous') as { synchronous: number }[];
  demand('SQLite journal_mode', journal?.journal_mode, 'wal', allowLossy);
  demand('SQLite synchronous', sync?.synchronous, '2', allowLossy);
}

type Variables = { flush: unknown; logBin: unknown; syncBinlog: unknown; charset: unknown };

const VARIABLES = `SELECT @@GLOBAL.innodb_flush_log_at_trx_commit AS flush, @@GLOBAL.log_bin AS logBin,
  @@GLOBAL.sync_binlog AS syncBinlog, @@character_set_database AS charset`;

/** Rule 1 on MySQL and MariaDB, and utf8mb4 as the database's default. Refuses to boot unless lossy is allowed. */
export async function checkMysqlDurability(
  query: (sql: string) => Promise<unknown>,
  allowLossy: boolean,
): Promise<void> {
  const [found] = (await query(VARIABLES)) as Variables[];
  demand('innodb_flush_log_at_trx_commit', found?.flush, '1', allowLossy);
  demand('character_set_database', found?.charset, 'utf8mb4', allowLossy);
  if (Number(found?.logBin) === 1 && Number(found?.syncBinlog) !== 1)
    logger.warn(`sync_binlog is ${String(found?.syncBinlog)}: after a power failure the replicas may differ`);
}
