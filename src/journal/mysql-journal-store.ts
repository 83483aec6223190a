import { type MysqlDatabase, type MysqlSession, storeError } from '../database/index.js';
import type { BatchChanges, NewConversation } from './batch-facts.js';
import { BatchPlan } from './batch-plan.js';
import type { JournalOperation, JournalOutcome, OnDecided } from './journal-store.js';
import { statementsOf } from './mysql-changes.js';
import { findFacts } from './mysql-facts.js';
import { sendTogether, type Statement, wantedRows } from './mysql-statements.js';
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
    const facts = await findFacts(session, plan.needs, now);
    const reserved = plan.needs.creatable.filter(({ id }) => !facts.conversations.has(id));
    const { outcomes, changes } = plan.decide(facts, now);
    decided?.(outcomes);
    await sendTogether(session, [...givenBack(reserved, changes), ...statementsOf(changes, now)]);
    return outcomes;
  }
}

/** Gives back the rows of conversations that were not made after all, because their makers were refused. */
function givenBack(reserved: readonly NewConversation[], { conversations }: BatchChanges): Statement[] {
  if (reserved.length === 0) return [];
  const made = new Set(conversations.map(({ id }) => id));
  const unused = reserved.filter(({ id }) => !made.has(id)).map(({ id }) => id);
  return unused.length === 0 ? [] : [['DELETE FROM conversations WHERE id IN (?)', unused]];
}
