import { type MysqlDatabase, type MysqlSession, storeError } from '../database/index.js';
import { BatchPlan } from './batch-plan.js';
import type { JournalOperation, JournalOutcome, OnDecided } from './journal-store.js';
import { statementsOf } from './mysql-changes.js';
import { findFacts } from './mysql-facts.js';
import { sendTogether, wantedRows } from './mysql-statements.js';
import { SqlJournalStore } from './sql-journal-store.js';

/** The journal in MySQL or MariaDB: a batch is three round trips, four where it makes a conversation. */
export class MysqlJournalStore extends SqlJournalStore {
  protected override readonly greatest = 'GREATEST';

  constructor(private readonly database: MysqlDatabase) {
    super();
  }

  override async commit(
    operations: readonly JournalOperation[],
    decided?: OnDecided,
  ): Promise<JournalOutcome[]> {
    const plan = new BatchPlan(operations);
    try {
      return await this.database.door.session((session) => this.apply(plan, session, decided));
    } catch (error) {
      throw storeError(error);
    }
  }

  protected override wanted(
    rows: readonly (readonly unknown[])[],
  ): readonly [sql: string, ...values: unknown[]] {
    const [sql, ...values] = wantedRows(rows, 'w');
    return [`${sql} STRAIGHT_JOIN`, ...values];
  }

  protected override async select<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    return this.database.read<T[]>(sql, values);
  }

  private async apply(
    plan: BatchPlan,
    session: MysqlSession,
    decided?: OnDecided,
  ): Promise<JournalOutcome[]> {
    const now = Date.now();
    const { outcomes, changes } = plan.decide(await findFacts(session, plan.needs, now), now);
    decided?.(outcomes);
    await sendTogether(session, statementsOf(changes, now));
    return outcomes;
  }
}
