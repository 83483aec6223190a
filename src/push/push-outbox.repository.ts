import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import type { NotificationAudience } from '@rookery/protocol';
import { PushOutboxEntity, WriteDoor, readRows } from '../database/index.js';
import { withStays, type Stay } from '../journal/index.js';

/** What waits, was sent, or could not be. */
export interface OutboxRow {
  id: string;
  tokenId: string;
  user: string;
  conversation: string;
  seq: number;
  kind: 'entry' | 'withdraw';
  attempts: number;
  dueAt: number;
  createdAt: number;
  error: string | null;
}

/** A device of a member, and how far the member has come. */
export interface Recipient {
  user: string;
  /** Null: he has none. */
  tokenId: string;
  joined: number;
  left: number | null;
  /** Before he came back. */
  earlier?: readonly Stay[];
  delivered: number;
}

/** Where a page of devices begins, in the order of users and their tokens. */
export type DevicePlace = Pick<Recipient, 'user' | 'tokenId'>;

export type NewRow = Pick<OutboxRow, 'tokenId' | 'user' | 'conversation' | 'seq' | 'kind'>;

const COLUMNS = `o.id AS id, o.token_id AS tokenId, o.user_id AS user, o.conversation_id AS conversation, o.seq AS seq,
  o.kind AS kind, o.attempts AS attempts, o.due_at AS dueAt, o.created_at AS createdAt, o.error AS error`;

/** The first of each user that waits, if it may be tried now: what is behind it waits for it. */
const HEADS = `SELECT ${COLUMNS} FROM push_outbox o
  WHERE o.state = 'pending' AND o.due_at <= ?
    AND NOT EXISTS (SELECT 1 FROM push_outbox p WHERE p.user_id = o.user_id AND p.state = 'pending' AND p.id < o.id)
  ORDER BY o.due_at LIMIT ?`;

const RECIPIENT = `m.user_id AS user, m.joined_seq AS joined, m.left_seq AS \`left\`, m.delivered_seq AS delivered,
    m.earlier_stays AS stays, t.id AS tokenId`;

/** A page of members, with or without devices: SQLite answers on the thread of all others, so what it looks at is bounded. */
const BY_MEMBER = `SELECT ${RECIPIENT}
  FROM (SELECT user_id, joined_seq, left_seq, delivered_seq, earlier_stays FROM members
    WHERE conversation_id = ? AND user_id > ? ORDER BY user_id LIMIT ?) m
  LEFT JOIN push_tokens t ON t.user_id = m.user_id
  ORDER BY m.user_id, t.id`;

/** A page of devices. In the order of the tokens' index MySQL begins with what there is less of, members or tokens. */
const BY_DEVICE = `SELECT ${RECIPIENT}
  FROM members m JOIN push_tokens t ON t.user_id = m.user_id
  WHERE m.conversation_id = ? AND t.user_id >= ? AND (t.user_id > ? OR t.id > ?)
  ORDER BY t.user_id, t.id LIMIT ?`;

/** Of those who have a device: few of many users do. */
const BROADCAST_RECIPIENTS = `SELECT m.user_id AS user, m.joined_seq AS joined, m.left_seq AS \`left\`,
    m.delivered_seq AS delivered, t.id AS tokenId
  FROM push_tokens t JOIN members m ON m.user_id = t.user_id AND m.conversation_id = ?`;

/** Told, and read since on another device. */
const READ_SINCE = `SELECT ${COLUMNS} FROM push_outbox o
  JOIN members m ON m.user_id = o.user_id AND m.conversation_id = o.conversation_id
  WHERE o.state = 'sent' AND o.kind = 'entry' AND o.user_id > ?
    AND (m.read_seq >= o.seq OR EXISTS (SELECT 1 FROM notification_marks k
      WHERE k.user_id = o.user_id AND k.conversation_id = o.conversation_id AND k.seq = o.seq))`;

const ERROR_LENGTH = 255;
const DROPPED_AT_ONCE = 500;

/** What is to be told, in the database: nothing is lost with the process. */
@Injectable()
export class PushOutboxRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  /** Devices of members, in the order of users; `next`: where to go on after. */
  async recipients(
    conversation: string,
    after: DevicePlace,
    limit: number,
  ): Promise<{ recipients: Recipient[]; next?: DevicePlace }> {
    const { user, tokenId } = after;
    type Row = Omit<Recipient, 'tokenId'> & { stays: string | null; tokenId: string | null };
    const byMember = this.dataSource.options.type === 'better-sqlite3';
    const rows = byMember
      ? await this.select<Row>(BY_MEMBER, [conversation, user, limit])
      : await this.select<Row>(BY_DEVICE, [conversation, user, user, tokenId, limit]);
    const found = byMember ? new Set(rows.map((row) => row.user)).size : rows.length;
    const last = rows.at(-1);
    const recipients = rows.filter((row): row is Row & { tokenId: string } => row.tokenId !== null);
    return {
      recipients: recipients.map((row) => toRecipient(withStays(row))),
      ...(found === limit && last && { next: { user: last.user, tokenId: last.tokenId ?? '' } }),
    };
  }

  /** Devices of the members who are in an audience, above `after` in the order of their tokens. */
  async broadcastRecipients(
    conversation: string,
    audience: NotificationAudience,
    after: string,
    limit: number,
  ): Promise<Recipient[]> {
    const [condition, values] = conditionOf(audience);
    const sql = `${BROADCAST_RECIPIENTS} ${condition} AND t.id > ? ORDER BY t.id LIMIT ?`;
    const rows = await this.select<Recipient>(sql, [conversation, ...values, after, limit]);
    return rows.map(toRecipient);
  }

  /** What is there already stays as it is. */
  async add(rows: readonly NewRow[]): Promise<void> {
    if (rows.length === 0) return;
    const now = Date.now();
    await this.door.transaction(async (manager) => {
      await manager
        .createQueryBuilder()
        .insert()
        .into(PushOutboxEntity)
        .values(
          rows.map(({ tokenId, user, conversation, seq, kind }) => ({
            id: uuid(),
            tokenId,
            userId: user,
            conversationId: conversation,
            seq,
            kind,
            state: 'pending' as const,
            attempts: 0,
            dueAt: now,
            createdAt: now,
            error: null,
          })),
        )
        .orIgnore()
        .updateEntity(false)
        .execute();
    });
  }

  heads(now: number, limit: number): Promise<OutboxRow[]> {
    return this.rows(HEADS, [now, limit]);
  }

  /** When the next one may be tried, milliseconds since the epoch; undefined: nothing waits. */
  async nextDue(): Promise<number | undefined> {
    const sql = "SELECT MIN(due_at) AS due FROM push_outbox WHERE state = 'pending' AND due_at > ?";
    const [row] = await this.select<{ due: number | string | null }>(sql, [Date.now()]);
    return row?.due === null || row?.due === undefined ? undefined : Number(row.due);
  }

  /** `done`: nothing is left to do for it. */
  async finish(id: string, state: 'sent' | 'done'): Promise<void> {
    const sql =
      "UPDATE push_outbox SET state = ?, due_at = ?, error = NULL WHERE id = ? AND state = 'pending'";
    await this.door.transaction((manager) => manager.query(sql, [state, Date.now(), id]));
  }

  /** To be tried again at `dueAt`; what the user waits for behind it, not before. */
  async postpone({ id, user }: OutboxRow, attempts: number, dueAt: number, error: string): Promise<void> {
    await this.door.transaction(async (manager) => {
      await manager.query('UPDATE push_outbox SET attempts = ?, error = ? WHERE id = ?', [
        attempts,
        error.slice(0, ERROR_LENGTH),
        id,
      ]);
      const lane = "UPDATE push_outbox SET due_at = ? WHERE user_id = ? AND state = 'pending' AND due_at < ?";
      await manager.query(lane, [dueAt, user, dueAt]);
    });
  }

  /** A dead letter: what waits behind it may be tried at once. */
  async bury({ id, user }: OutboxRow, attempts: number, error: string): Promise<void> {
    const now = Date.now();
    await this.door.transaction(async (manager) => {
      await manager.query(
        "UPDATE push_outbox SET state = 'dead', attempts = ?, due_at = ?, error = ? WHERE id = ?",
        [attempts, now, error.slice(0, ERROR_LENGTH), id],
      );
      await manager.query("UPDATE push_outbox SET due_at = ? WHERE user_id = ? AND state = 'pending'", [
        now,
        user,
      ]);
    });
  }

  /** Has what was read since it was told taken back: of one user, or of all. Gives how many. */
  async withdraw(user?: string): Promise<number> {
    const scope = user === undefined ? '' : ' AND o.user_id = ?';
    const read = await this.rows(`${READ_SINCE}${scope} LIMIT 500`, [
      '',
      ...(user === undefined ? [] : [user]),
    ]);
    await this.add(read.map((row) => ({ ...row, kind: 'withdraw' as const })));
    if (read.length > 0)
      await this.door.transaction((manager) =>
        manager.query(
          `UPDATE push_outbox SET state = 'done', due_at = ? WHERE id IN (${read.map(() => '?').join()})`,
          [Date.now(), ...read.map(({ id }) => id)],
        ),
      );
    return read.length;
  }

  /** Dead letters, the newest first; `before` is the id of the last one of the page before. */
  deadLetters(limit: number, before?: string): Promise<OutboxRow[]> {
    const bound = before === undefined ? '' : ' AND o.id < ?';
    const sql = `SELECT ${COLUMNS} FROM push_outbox o WHERE o.state = 'dead'${bound} ORDER BY o.id DESC LIMIT ?`;
    return this.rows(sql, [...(before === undefined ? [] : [before]), limit]);
  }

  /** Whether there was such a dead letter. */
  async replay(id: string): Promise<boolean> {
    const sql =
      "UPDATE push_outbox SET state = 'pending', attempts = 0, due_at = ? WHERE id = ? AND state = 'dead'";
    return this.changed(id, sql, [Date.now(), id]);
  }

  async removeDead(id: string): Promise<boolean> {
    return this.changed(id, "DELETE FROM push_outbox WHERE id = ? AND state = 'dead'", [id]);
  }

  /** How many wait and how many are dead. */
  async counts(): Promise<{ pending: number; dead: number }> {
    const sql =
      "SELECT state, COUNT(*) AS n FROM push_outbox WHERE state IN ('pending', 'dead') GROUP BY state";
    const rows = await this.select<{ state: string; n: number | string }>(sql, []);
    const of = (state: string) => Number(rows.find((row) => row.state === state)?.n ?? 0);
    return { pending: of('pending'), dead: of('dead') };
  }

  /** Drops the oldest of those that wait or are dead, `count` or fewer; gives how many. */
  async drop(state: 'pending' | 'dead', count: number): Promise<number> {
    const sql = 'SELECT id FROM push_outbox WHERE state = ? ORDER BY id LIMIT ?';
    const rows = await this.select<{ id: string }>(sql, [state, Math.min(count, DROPPED_AT_ONCE)]);
    if (rows.length === 0) return 0;
    const ids = rows.map(({ id }) => id);
    await this.door.transaction((manager) =>
      manager.query(`DELETE FROM push_outbox WHERE state = ? AND id IN (${ids.map(() => '?').join()})`, [
        state,
        ...ids,
      ]),
    );
    return ids.length;
  }

  /** Forgets what was told before a time, in milliseconds since the epoch. */
  async purge(before: number): Promise<void> {
    const sql = "DELETE FROM push_outbox WHERE state IN ('sent', 'done') AND due_at < ?";
    await this.door.transaction((manager) => manager.query(sql, [before]));
  }

  private async changed(id: string, sql: string, values: unknown[]): Promise<boolean> {
    return this.door.transaction(async (manager) => {
      const [row] = await manager.query("SELECT id FROM push_outbox WHERE id = ? AND state = 'dead'", [id]);
      if (row) await manager.query(sql, values);
      return row !== undefined;
    });
  }

  private async rows(sql: string, values: unknown[]): Promise<OutboxRow[]> {
    const rows = await this.select<OutboxRow>(sql, values);
    return rows.map((row) => ({
      ...row,
      seq: Number(row.seq),
      dueAt: Number(row.dueAt),
      createdAt: Number(row.createdAt),
    }));
  }

  private select<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    return readRows<T>(this.dataSource, sql, values);
  }
}

/** Who is in an audience, as far as it can be said of who is away: by the roles of his last token. */
function conditionOf(audience: NotificationAudience): [sql: string, values: string[]] {
  if (audience === 'all') return ['WHERE 1 = 1', []];
  if ('users' in audience)
    return [`WHERE t.user_id IN (${audience.users.map(() => '?').join()})`, [...audience.users]];
  if ('role' in audience)
    return ['JOIN user_roles x ON x.user_id = t.user_id WHERE x.role = ?', [audience.role]];
  return [
    'JOIN members x ON x.user_id = t.user_id WHERE x.conversation_id = ? AND x.left_seq IS NULL',
    [audience.group],
  ];
}

/** MySQL gives some numbers as texts. */
function toRecipient(row: Recipient): Recipient {
  return {
    ...row,
    joined: Number(row.joined),
    left: row.left === null ? null : Number(row.left),
    delivered: Number(row.delivered),
  };
}
