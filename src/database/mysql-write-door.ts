import { setTimeout as delay } from 'node:timers/promises';
import type { Pool, PoolConnection } from 'mysql2';
import type { DataSource, EntityManager } from 'typeorm';
import { isRivalry, translateDatabaseError } from './database-errors.js';
import { WriteDoor } from './write-door.js';

/** How often a unit is run again after a deadlock or a lock wait that took too long. */
const MAX_RETRIES = 8;
/** Milliseconds; doubled each time, with full jitter. */
const FIRST_PAUSE = 5;

/** One connection inside a transaction, for our own SQL. */
export interface MysqlSession {
  /** One or several statements in one round trip; several give an array of results. */
  query<T>(sql: string, values?: readonly unknown[]): Promise<T>;
}

/** Transactions on MySQL and MariaDB; a unit that met a rival is run again as a whole, with jitter, a bounded number of times. */
export class MysqlWriteDoor extends WriteDoor {
  /** `statements` is a pool of this door alone that may send several statements at once. */
  constructor(
    private readonly dataSource: DataSource,
    private readonly statements: Pool,
  ) {
    super();
  }

  /**
   * Gives `work` a connection; `work` opens and commits its transaction itself, so that it can save round trips.
   * Rolled back when it rejects; run again after a deadlock.
   */
  session<T>(work: (session: MysqlSession) => Promise<T>): Promise<T> {
    return this.retried(() => this.inSession(work));
  }

  protected override perform<T>(unit: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.retried(() => this.dataSource.transaction(unit));
  }

  private async retried<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await work();
      } catch (error) {
        if (!isRivalry(error) || attempt === MAX_RETRIES) throw translateDatabaseError(error);
        await delay(Math.random() * FIRST_PAUSE * 2 ** attempt);
      }
    }
  }

  private async inSession<T>(work: (session: MysqlSession) => Promise<T>): Promise<T> {
    const connection = await acquire(this.statements);
    const session = sessionOn(connection);
    try {
      return await work(session);
    } catch (error) {
      await session.query('ROLLBACK').catch(() => connection.destroy());
      throw error;
    } finally {
      connection.release();
    }
  }
}

/** One question, on a connection of the pool. */
export async function readFrom<T>(pool: Pool, sql: string, values: readonly unknown[]): Promise<T> {
  const connection = await acquire(pool);
  try {
    return await sessionOn(connection).query<T>(sql, values);
  } finally {
    connection.release();
  }
}

export function acquire(pool: Pool): Promise<PoolConnection> {
  return new Promise((resolve, reject) =>
    pool.getConnection((error, connection) => (error ? reject(error) : resolve(connection))),
  );
}

export function sessionOn(connection: Pick<PoolConnection, 'query'>): MysqlSession {
  return {
    query: <T>(sql: string, values: readonly unknown[] = []) =>
      new Promise<T>((resolve, reject) => {
        connection.query(sql, values as unknown[], (error, rows) =>
          error ? reject(error) : resolve(rows as T),
        );
      }),
  };
}
