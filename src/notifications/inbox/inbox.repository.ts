import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WriteDoor, readRows } from '../../database/index.js';
import type { RowStatement } from '../../journal/index.js';
import {
  LIMITED_ENTRY,
  NOTIFICATION_ENTRY,
  type ErasedBody,
  type NotificationBody,
} from '../notification-message.js';

/** A stored notification and what its reader did with it. */
export interface InboxRow {
  seq: number;
  time: number;
  body: NotificationBody | ErasedBody;
  mark: 'read' | 'deleted' | null;
}

/** Those above `read` are unread unless marked, those up to it read. */
export interface InboxRange {
  user: string;
  conversation: string;
  /** Exclusive, both. */
  after: number;
  before: number;
  read: number;
  which: 'unread' | 'read';
  order: 'newest' | 'oldest';
  limit: number;
}

const ROWS = `SELECT e.seq AS seq, e.created_at AS time, e.body AS body, k.state AS mark
  FROM entries e LEFT JOIN notification_marks k
    ON k.user_id = ? AND k.conversation_id = e.conversation_id AND k.seq = e.seq
  WHERE e.conversation_id = ? AND e.type IN ('${NOTIFICATION_ENTRY}', '${LIMITED_ENTRY}')`;

const UNREAD = 'e.seq > ? AND k.state IS NULL';
const READ = "(k.state = 'read' OR (k.state IS NULL AND e.seq <= ?))";

const MARK = 'REPLACE INTO notification_marks (user_id, conversation_id, seq, state) VALUES (?, ?, ?, ?)';

const HIDE = 'REPLACE INTO hidden_entries (user_id, conversation_id, seq) VALUES (?, ?, ?)';

/** Deletions in the channel stay: its entries do not go. */
const FORGET = `DELETE FROM notification_marks
  WHERE user_id = ? AND conversation_id = ? AND seq <= ? AND (state = 'read' OR ? = 1)`;

/** Notifications as their readers see them: entries of the journal, and marks of single ones. */
@Injectable()
export class InboxRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  find(range: InboxRange): Promise<InboxRow[]> {
    const { user, conversation, after, before, read, which, order, limit } = range;
    const sql = `${ROWS} AND e.seq > ? AND e.seq < ? AND ${which === 'unread' ? UNREAD : READ}
      ORDER BY e.seq ${order === 'newest' ? 'DESC' : 'ASC'} LIMIT ${Math.trunc(limit)}`;
    return this.select(sql, [user, conversation, after, before, read]);
  }

  at(user: string, conversation: string, seqs: readonly number[]): Promise<InboxRow[]> {
    return this.select(`${ROWS} AND e.seq IN (${seqs.map(() => '?').join()})`, [user, conversation, ...seqs]);
  }

  /** To be written in the transaction of the entry that tells of it. What is deleted is in no history either. */
  markStatements(
    user: string,
    { conversation, seq }: { conversation: string; seq: number },
    state: 'read' | 'deleted',
  ): RowStatement[] {
    const mark: RowStatement = [MARK, user, conversation, seq, state];
    return state === 'read' ? [mark] : [mark, [HIDE, user, conversation, seq]];
  }

  /** Forgets marks that the read cursor says as well; `all`: also of what is deleted, because it is erased. */
  async forget(user: string, conversation: string, upTo: number, all: boolean): Promise<void> {
    await this.door.transaction((manager) => manager.query(FORGET, [user, conversation, upTo, all ? 1 : 0]));
  }

  private async select(sql: string, values: readonly unknown[]): Promise<InboxRow[]> {
    type Row = { seq: number | string; time: number | string; body: string; mark: InboxRow['mark'] };
    const rows = await readRows<Row>(this.dataSource, sql, values);
    return rows.map(({ seq, time, body, mark }) => ({
      seq: Number(seq),
      time: Number(time),
      body: JSON.parse(body) as InboxRow['body'],
      mark,
    }));
  }
}
