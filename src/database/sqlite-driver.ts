import Libsql from 'libsql';

/** What SQLite can hold; anything else is refused before it reaches native code, which would abort the process. */
export type SqliteValue = string | number | bigint | Uint8Array | null;

export interface SqliteStatement {
  readonly reader: boolean;
  run(...values: unknown[]): { changes: number; lastInsertRowid: number | bigint };
  get(...values: unknown[]): unknown;
  all(...values: unknown[]): unknown[];
}

/** The connection as TypeORM and our own SQL use it: the part of better-sqlite3's interface that is safe on libsql. */
export interface SqliteHandle {
  readonly inTransaction: boolean;
  prepare(sql: string): SqliteStatement;
  exec(sql: string): unknown;
  pragma(source: string): unknown;
  close(): void;
}

function bindable(value: unknown): SqliteValue {
  if (value === undefined || value === null) return null;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'string' && value.includes('\0'))
    throw new TypeError('SQLite text cannot hold U+0000');
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint') return value;
  if (value instanceof Uint8Array) return value;
  throw new TypeError(`SQLite cannot bind a ${typeof value}`);
}

/** libsql takes one array; a lone `null` argument would be read as a list of named parameters. */
function bindings(values: unknown[]): SqliteValue[] {
  const [list] = values;
  return (values.length === 1 && Array.isArray(list) ? list : values.flat()).map(bindable);
}

function guarded(statement: SqliteStatement, assertOpen: () => void): SqliteStatement {
  const call =
    <T>(use: (list: SqliteValue[]) => T) =>
    (...values: unknown[]): T => {
      assertOpen();
      return use(bindings(values));
    };
  return {
    reader: statement.reader,
    run: call((list) => statement.run(list)),
    get: call((list) => statement.get(list)),
    all: call((list) => statement.all(list)),
  };
}

/** libsql with its traps closed: see docs/decisions/0001. There is no `iterate`: an abandoned one pins its snapshot. */
export class SqliteConnection implements SqliteHandle {
  private readonly native: SqliteHandle;
  private closed = false;
  /** On a closed connection libsql ends the process. */
  private readonly assertOpen = (): void => {
    if (this.closed) throw new Error('The database is closed');
  };

  constructor(path: string, options?: { timeout?: number }) {
    this.native = new Libsql(path, {
      timeout: options?.timeout ?? 5000,
    } as object) as unknown as SqliteHandle;
  }

  get inTransaction(): boolean {
    return !this.closed && this.native.inTransaction;
  }

  prepare(sql: string): SqliteStatement {
    this.assertOpen();
    return guarded(this.native.prepare(sql), this.assertOpen);
  }

  exec(sql: string): unknown {
    this.assertOpen();
    return this.native.exec(sql);
  }

  pragma(source: string): unknown {
    this.assertOpen();
    return this.native.pragma(source);
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.native.close();
  }
}

/** The writer takes its lock at BEGIN: a deferred one that upgrades later fails at once, whatever busy_timeout says. */
export class SqliteWriterConnection extends SqliteConnection {
  override prepare(sql: string): SqliteStatement {
    return super.prepare(sql === 'BEGIN TRANSACTION' ? 'BEGIN IMMEDIATE TRANSACTION' : sql);
  }
}
