import type { Pool } from 'mysql2';
import { DataSource } from 'typeorm';
import { within } from '../common/index.js';
import { Database } from './database.js';
import { storeError } from './database-errors.js';
import { dataSourceOptions, mysqlOptions } from './data-source-options.js';
import { checkMysqlDurability } from './durability-check.js';
import { type MysqlFlavour, mysqlFlavour } from './mysql-flavour.js';
import { createMysqlPool, type MysqlConfig } from './mysql-pool.js';
import { MysqlWriteDoor, readFrom } from './mysql-write-door.js';
import { prepareSchema } from './schema.js';

type Config = { migrate: boolean; allowLossy: boolean } & MysqlConfig;

/** The journal commits one batch at a time; the second connection is for the one that replaces a dying first. */
const JOURNAL_CONNECTIONS = 2;

/**
 * A pool for everybody, and a small one for the journal's writes, which sends several statements in one round trip
 * and does not wait behind reads.
 */
export class MysqlDatabase extends Database {
  private constructor(
    override readonly dataSource: DataSource,
    override readonly door: MysqlWriteDoor,
    private readonly statements: Pool,
    private readonly timeout: number,
  ) {
    super();
  }

  static async open(config: Config): Promise<MysqlDatabase> {
    const flavour = await mysqlFlavour(config);
    await prepare(config, flavour);
    const dataSource = await new DataSource(mysqlOptions(config, flavour)).initialize();
    const statements = createMysqlPool(config, {
      multipleStatements: true,
      connectionLimit: JOURNAL_CONNECTIONS,
    });
    return new MysqlDatabase(
      dataSource,
      new MysqlWriteDoor(dataSource, statements),
      statements,
      config.timeout,
    );
  }

  /** Our own SQL for reading, on a connection of the common pool. */
  async read<T>(sql: string, values: readonly unknown[]): Promise<T> {
    try {
      return await readFrom<T>(this.pool, sql, values);
    } catch (error) {
      throw storeError(error);
    }
  }

  override async ping(): Promise<void> {
    await this.read('SELECT 1', []);
  }

  /** A database that does not answer must not keep us from stopping. */
  override async close(): Promise<void> {
    const ends = [this.dataSource.destroy(), new Promise((resolve) => this.statements.end(resolve))];
    await within(this.timeout, Promise.allSettled(ends)).catch(() => undefined);
  }

  private get pool(): Pool {
    return (this.dataSource.driver as unknown as { pool: Pool }).pool;
  }
}

/** Checks the server and brings the schema up to date, without the deadlines of everyday queries. */
async function prepare(config: Config, flavour: MysqlFlavour): Promise<void> {
  const dataSource = await new DataSource(dataSourceOptions(config, flavour)).initialize();
  try {
    await checkMysqlDurability((sql) => dataSource.query(sql), config.allowLossy);
    await prepareSchema(dataSource, config.migrate);
  } finally {
    await dataSource.destroy();
  }
}
