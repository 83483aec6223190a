import { type SqliteDatabase, type SqliteHandle, StatementCache, storeError } from '../database/index.js';
import { BatchPlan } from './batch-plan.js';
import type { JournalOperation, JournalOutcome, OnDecided } from './journal-store.js';
import { SqlJournalStore } from './sql-journal-store.js';
import { findFacts } from './sqlite-facts.js';
import { writeChanges } from './sqlite-changes.js';

/** The journal in an embedded file. A commit blocks the event loop for as long as its fsync takes. */
export class SqliteJournalStore extends SqlJournalStore {
  protected override readonly greatest = 'MAX';
  private readonly reading: StatementCache;
  private writing?: StatementCache;

  constructor(private readonly database: SqliteDatabase) {
    super();
    this.reading = new StatementCache(database.reader);
  }

  override async commit(
    operations: readonly JournalOperation[],
    decided?: OnDecided,
  ): Promise<JournalOutcome[]> {
    const plan = new BatchPlan(operations);
    try {
      return await this.database.door.exclusive((handle) =>
        this.apply(plan, this.statements(handle), decided),
      );
    } catch (error) {
      throw storeError(error);
    }
  }

  /** One text, whatever the number of rows: it is prepared once. */
  protected override wanted(
    rows: readonly (readonly unknown[])[],
  ): readonly [sql: string, ...values: unknown[]] {
    const columns = rows[0]?.map((_, column) => `value ->> ${column} AS c${column}`).join();
    return [`(SELECT ${columns} FROM json_each(?)) w CROSS JOIN`, JSON.stringify(rows)];
  }

  protected override async select<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    try {
      return this.reading.get(sql).all(values) as T[];
    } catch (error) {
      throw storeError(error);
    }
  }

  private apply(plan: BatchPlan, statements: StatementCache, decided?: OnDecided): JournalOutcome[] {
    const now = Date.now();
    const { outcomes, changes } = plan.decide(findFacts(statements, plan.needs, now), now);
    decided?.(outcomes);
    writeChanges(statements, changes, now);
    return outcomes;
  }

  private statements(handle: SqliteHandle): StatementCache {
    return (this.writing ??= new StatementCache(handle));
  }
}
