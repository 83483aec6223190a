import Libsql from 'libsql';

/** What SQLite binds as it is. */
const bindable = (value: unknown): unknown => (typeof value === 'boolean' ? Number(value) : (value ?? null));

/** libsql under TypeORM's `better-sqlite3`: it wants one array of values, and no booleans. */
export class LibsqlDriver {
  private readonly database: Libsql.Database;

  constructor(path: string) {
    this.database = new Libsql(path);
  }

  prepare(sql: string) {
    const statement = this.database.prepare(sql);
    const values = (given: unknown[]): unknown[] => given.flat().map(bindable);
    return {
      reader: statement.reader,
      run: (...given: unknown[]) => statement.run(values(given)),
      get: (...given: unknown[]) => statement.get(values(given)),
      all: (...given: unknown[]) => statement.all(values(given)),
    };
  }

  exec(sql: string): unknown {
    return this.database.exec(sql);
  }

  pragma(source: string): unknown {
    return this.database.pragma(source);
  }

  close(): void {
    this.database.close();
  }
}
