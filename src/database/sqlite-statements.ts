import type { SqliteHandle, SqliteStatement } from './sqlite-driver.js';

/** More than all the statements there are; lists of varying length must not pile up. */
const MAX_STATEMENTS = 300;

/** Prepared statements of one connection, by their text. */
export class StatementCache {
  private readonly statements = new Map<string, SqliteStatement>();

  constructor(private readonly handle: SqliteHandle) {}

  get(sql: string): SqliteStatement {
    const known = this.statements.get(sql);
    if (known) return known;
    if (this.statements.size >= MAX_STATEMENTS) this.statements.clear();
    const statement = this.handle.prepare(sql);
    this.statements.set(sql, statement);
    return statement;
  }
}
