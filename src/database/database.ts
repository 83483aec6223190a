import type { DataSource } from 'typeorm';
import type { WriteDoor } from './write-door.js';

/**
 * The database of this server, open and checked. `dataSource` is for reading through repositories; on SQLite it
 * refuses to write and sees committed rows only. `door` is the only way to write.
 */
export abstract class Database {
  abstract readonly dataSource: DataSource;
  abstract readonly door: WriteDoor;

  /** Resolves when the database answers; AppError `unavailable` when it does not in time. */
  abstract ping(): Promise<void>;

  /** Resolves when the connections are gone, however the database behaves. */
  abstract close(): Promise<void>;
}
