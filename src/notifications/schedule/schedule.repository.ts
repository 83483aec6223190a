import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { ScheduledNotificationEntity, WriteDoor, readRows } from '../../database/index.js';

export type ScheduleState = ScheduledNotificationEntity['state'];

export interface ScheduleRow {
  id: string;
  key: string;
  /** JSON. */
  request: string;
  dueAt: number;
  state: ScheduleState;
  createdAt: number;
  /** JSON; null: nothing has come of it yet. */
  result: string | null;
}

const COLUMNS = `id, idempotency_key AS \`key\`, request, due_at AS dueAt, state, created_at AS createdAt, result`;

/** Waits, or was taken in hand by somebody who has not been heard of since. */
const CLAIMABLE = "(state = 'pending' OR (state = 'sending' AND claimed_at <= ?))";

/** What waits for its time, in the database: it outlives the process, and of several processes one sends it. */
@Injectable()
export class ScheduleRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  /** Whether no other process writes to this database. */
  get isAlone(): boolean {
    return this.dataSource.options.type === 'better-sqlite3';
  }

  /** The row of this key, which may be an older one; undefined: `limit` wait already. */
  async add(row: Omit<ScheduleRow, 'state' | 'result'>, limit: number): Promise<ScheduleRow | undefined> {
    const { id, key, request, dueAt, createdAt } = row;
    return this.door.transaction(async (manager) => {
      const keyed = `SELECT ${COLUMNS} FROM notification_schedule WHERE idempotency_key = ?`;
      const [known]: ScheduleRow[] = await manager.query(keyed, [key]);
      if (known) return rowOf(known);
      const [count]: { n: number | string }[] = await manager.query(
        "SELECT COUNT(*) AS n FROM notification_schedule WHERE state = 'pending'",
      );
      if (Number(count?.n) >= limit) return undefined;
      await manager
        .createQueryBuilder()
        .insert()
        .into(ScheduledNotificationEntity)
        .values({ id, idempotencyKey: key, request, dueAt, state: 'pending', createdAt, result: null })
        .orIgnore()
        .updateEntity(false)
        .execute();
      const [stored]: ScheduleRow[] = await manager.query(keyed, [key]);
      return stored && rowOf(stored);
    });
  }

  /** Those that may be sent now, the longest due first. */
  async due(now: number, staleBefore: number, limit: number): Promise<ScheduleRow[]> {
    const sql = `SELECT ${COLUMNS} FROM notification_schedule
      WHERE state IN ('pending', 'sending') AND due_at <= ? AND ${CLAIMABLE} ORDER BY due_at, id LIMIT ?`;
    return this.select(sql, [now, staleBefore, limit]);
  }

  /** When the next one is due, milliseconds since the epoch; undefined: none waits. */
  async nextDue(): Promise<number | undefined> {
    const sql = "SELECT MIN(due_at) AS due FROM notification_schedule WHERE state = 'pending'";
    const [row] = await readRows<{ due: number | string | null }>(this.dataSource, sql);
    return row?.due === null || row?.due === undefined ? undefined : Number(row.due);
  }

  /** Takes a row in hand; false: somebody else has it, or it was cancelled. `claim` names this very attempt. */
  claim(id: string, claim: string, now: number, staleBefore: number): Promise<boolean> {
    const sql = `UPDATE notification_schedule SET state = 'sending', claimed_by = ?, claimed_at = ?
      WHERE id = ? AND ${CLAIMABLE}`;
    return this.won(id, claim, sql, [claim, now, id, staleBefore]);
  }

  /** What became of a claim; nothing, if it was lost meanwhile. */
  async settle(
    id: string,
    claim: string,
    state: 'sent' | 'failed' | 'pending',
    result?: object,
  ): Promise<void> {
    const sql = 'UPDATE notification_schedule SET state = ?, result = ? WHERE id = ? AND claimed_by = ?';
    const values = [state, result === undefined ? null : JSON.stringify(result), id, claim];
    await this.door.transaction((manager) => manager.query(sql, values));
  }

  /** Whether this call ended its waiting. */
  cancel(id: string, claim: string): Promise<boolean> {
    const sql = `UPDATE notification_schedule SET state = 'cancelled', claimed_by = ?, claimed_at = ?
      WHERE id = ? AND state = 'pending'`;
    return this.won(id, claim, sql, [claim, Date.now(), id]);
  }

  async keyed(key: string): Promise<ScheduleRow | undefined> {
    const sql = `SELECT ${COLUMNS} FROM notification_schedule WHERE idempotency_key = ?`;
    return (await this.select(sql, [key]))[0];
  }

  async find(id: string): Promise<ScheduleRow | undefined> {
    return (await this.select(`SELECT ${COLUMNS} FROM notification_schedule WHERE id = ?`, [id]))[0];
  }

  /** The newest first, below `before`. */
  list(state: ScheduleState | undefined, before: string | undefined, limit: number): Promise<ScheduleRow[]> {
    const conditions = [...(state ? ['state = ?'] : []), ...(before ? ['id < ?'] : [])];
    const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : '';
    const sql = `SELECT ${COLUMNS} FROM notification_schedule ${where} ORDER BY id DESC LIMIT ?`;
    return this.select(sql, [...(state ? [state] : []), ...(before ? [before] : []), limit]);
  }

  /** Forgets what ended before a time, in milliseconds since the epoch. */
  async purge(before: number): Promise<void> {
    const sql = `DELETE FROM notification_schedule
      WHERE state IN ('sent', 'cancelled', 'failed') AND due_at < ? AND created_at < ?`;
    await this.door.transaction((manager) => manager.query(sql, [before, before]));
  }

  private async won(id: string, claim: string, sql: string, values: unknown[]): Promise<boolean> {
    return this.door.transaction(async (manager) => {
      await manager.query(sql, values);
      const [row]: { claim: string | null }[] = await manager.query(
        'SELECT claimed_by AS claim FROM notification_schedule WHERE id = ?',
        [id],
      );
      return row?.claim === claim;
    });
  }

  private async select(sql: string, values: unknown[]): Promise<ScheduleRow[]> {
    return (await readRows<ScheduleRow>(this.dataSource, sql, values)).map(rowOf);
  }
}

const rowOf = (row: ScheduleRow): ScheduleRow => ({
  ...row,
  dueAt: Number(row.dueAt),
  createdAt: Number(row.createdAt),
});
