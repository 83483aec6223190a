import { Logger } from '@nestjs/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkMysqlDurability, checkSqliteDurability, LossyDatabaseError } from './durability-check.js';
import { SqliteConnection } from './sqlite-driver.js';

const GOOD = { flush: 1, logBin: 0, syncBinlog: 0, charset: 'utf8mb4' };
const mysql = (change: object) => async () => [{ ...GOOD, ...change }];

describe('the durability check', () => {
  const warn = vi.spyOn(Logger.prototype, 'warn');

  beforeEach(() => void warn.mockReset().mockImplementation(() => undefined));
  afterEach(() => void warn.mockReset());

  it('passes safe settings in silence', async () => {
    await checkMysqlDurability(mysql({}), false);
    await checkMysqlDurability(mysql({ logBin: 1, syncBinlog: 1 }), false);
    expect(warn).not.toHaveBeenCalled();
  });

  it.each([
    [{ flush: 2 }, /innodb_flush_log_at_trx_commit is 2/],
    [{ flush: '0' }, /innodb_flush_log_at_trx_commit is 0/],
    [{ charset: 'latin1' }, /character_set_database is latin1/],
  ])('refuses %j, naming the variable, unless lossy is allowed', async (change, text) => {
    const check = checkMysqlDurability(mysql(change), false);
    await expect(check).rejects.toThrow(LossyDatabaseError);
    await expect(check).rejects.toThrow(text);
    await checkMysqlDurability(mysql(change), true);
    expect(warn).toHaveBeenCalledWith(expect.stringMatching(text));
  });

  it('warns about a binary log that is not synced', async () => {
    await checkMysqlDurability(mysql({ logBin: 1, syncBinlog: 0 }), false);
    expect(warn).toHaveBeenCalledWith(expect.stringContaining('sync_binlog'));
  });

  it('refuses SQLite without WAL or without fsync', () => {
    const handle = new SqliteConnection(':memory:');
    expect(() => checkSqliteDurability(handle, false)).toThrow(/journal_mode is memory/);
    checkSqliteDurability(handle, true);
    expect(warn).toHaveBeenCalled();
    handle.close();
  });
});
