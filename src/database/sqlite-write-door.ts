import type { DataSource, EntityManager } from 'typeorm';
import { translateDatabaseError } from './database-errors.js';
import type { SqliteHandle } from './sqlite-driver.js';
import { Turnstile } from './turnstile.js';
import { WriteDoor } from './write-door.js';

/** One writing connection, one writer at a time, first come first served. */
export class SqliteWriteDoor extends WriteDoor {
  private readonly turnstile = new Turnstile();

  /** `writer` belongs to this door alone; `handle` is its connection. */
  constructor(
    private readonly writer: DataSource,
    private readonly handle: SqliteHandle,
  ) {
    super();
  }

  /** Runs `work` as one transaction without leaving the event-loop turn: durable when the promise resolves. */
  exclusive<T>(work: (handle: SqliteHandle) => T): Promise<T> {
    return this.turnstile.pass(() => this.commitSync(work));
  }

  /** Resolves when everybody who waits now has been through. */
  finished(): Promise<void> {
    return this.turnstile.pass(() => undefined);
  }

  protected override async perform<T>(unit: (manager: EntityManager) => Promise<T>): Promise<T> {
    try {
      return await this.turnstile.pass(() => this.writer.transaction(unit));
    } catch (error) {
      throw translateDatabaseError(error);
    }
  }

  private commitSync<T>(work: (handle: SqliteHandle) => T): T {
    try {
      this.handle.exec('BEGIN IMMEDIATE');
      const result = work(this.handle);
      this.handle.exec('COMMIT');
      return result;
    } catch (error) {
      this.rollBack();
      throw translateDatabaseError(error);
    }
  }

  /** SQLite may have rolled back by itself, e.g. on a full disk. */
  private rollBack(): void {
    if (this.handle.inTransaction) this.handle.exec('ROLLBACK');
  }
}
