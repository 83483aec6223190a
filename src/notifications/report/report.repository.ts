import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { NotificationAudience } from '@rookery/protocol';
import { readRows } from '../../database/index.js';

/** Of one page of users, or of all of them. */
export interface Counted {
  /** Who has the entry, or will have it on return. */
  users: number;
  deliveredUsers: number;
  deliveredDevices: number;
  read: number;
  /** To go on after; undefined: this was the last page. */
  last?: string;
}

export interface ReportPage {
  conversation: string;
  seq: number;
  audience: NotificationAudience;
  /** Users above this id; only where there are pages. */
  after: string;
}

const MEMBERS = `SELECT m.user_id AS user_id, m.joined_seq AS joined, m.delivered_seq AS delivered, m.read_seq AS seen
  FROM members m`;

/** Rows that are counted in one go on SQLite, which blocks the process for some milliseconds. MySQL counts them all: it
 * would look for the beginning of each page from the first row on. */
const PAGE = 2000;

/** How far the cursors of users are: there is no row per user and notification. */
@Injectable()
export class ReportRepository {
  constructor(private readonly dataSource: DataSource) {}

  async count(range: ReportPage): Promise<Counted> {
    const { conversation, seq } = range;
    const [source, values] = this.sourceOf(range);
    type Row = Record<'found' | 'users' | 'delivered' | 'seen' | 'devices', number | string | null> & {
      last: string | null;
    };
    const [row] = await this.select<Row>(
      `SELECT COUNT(*) AS found, MAX(m.user_id) AS last, SUM(CASE WHEN m.joined < ? THEN 1 ELSE 0 END) AS users,
        SUM(CASE WHEN m.joined < ? AND m.delivered >= ? THEN 1 ELSE 0 END) AS delivered,
        SUM(CASE WHEN m.joined < ? AND (m.seen >= ? OR k.seq IS NOT NULL) THEN 1 ELSE 0 END) AS seen
      FROM (${source}) m LEFT JOIN notification_marks k
        ON k.user_id = m.user_id AND k.conversation_id = ? AND k.seq = ?`,
      [seq, seq, seq, seq, seq, ...values, conversation, seq],
    );
    const [device] = await this.select<{ devices: number | string }>(
      `SELECT COUNT(*) AS devices FROM (${source}) m JOIN device_cursors d ON d.user_id = m.user_id
      WHERE d.conversation_id = ? AND d.device_id <> '' AND d.delivered_seq >= ? AND m.joined < ?`,
      [...values, conversation, seq, seq],
    );
    return {
      users: Number(row?.users ?? 0),
      deliveredUsers: Number(row?.delivered ?? 0),
      deliveredDevices: Number(device?.devices ?? 0),
      read: Number(row?.seen ?? 0),
      last: this.isPaged && Number(row?.found) === PAGE ? (row?.last ?? undefined) : undefined,
    };
  }

  private get isPaged(): boolean {
    return this.dataSource.options.type === 'better-sqlite3';
  }

  /** A page of the members of the conversation who are in the audience, in the order of their ids. */
  private sourceOf({ conversation, audience, after }: ReportPage): [sql: string, values: unknown[]] {
    const [sql, values, table] = membersIn(conversation, audience);
    if (!this.isPaged) return [sql, values];
    return [`${sql} AND ${table}.user_id > ? ORDER BY ${table}.user_id LIMIT ?`, [...values, after, PAGE]];
  }

  private select<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    return readRows<T>(this.dataSource, sql, values);
  }
}

/** `table`: whose order of users is that of an index. */
function membersIn(
  conversation: string,
  audience: NotificationAudience,
): [sql: string, values: unknown[], table: 'm' | 'x'] {
  if (audience === 'all') return [`${MEMBERS} WHERE m.conversation_id = ?`, [conversation], 'm'];
  if ('users' in audience) {
    const users = [...new Set(audience.users)];
    const named = users.map(() => '?').join();
    const sql = `${MEMBERS} WHERE m.conversation_id = ? AND m.user_id IN (${named})`;
    return [sql, [conversation, ...users], 'm'];
  }
  if ('role' in audience) {
    const sql = `${MEMBERS} JOIN user_roles x ON x.user_id = m.user_id WHERE m.conversation_id = ? AND x.role = ?`;
    return [sql, [conversation, audience.role], 'x'];
  }
  const sql = `${MEMBERS} JOIN members x ON x.user_id = m.user_id
    WHERE m.conversation_id = ? AND x.conversation_id = ? AND x.left_seq IS NULL`;
  return [sql, [conversation, audience.group], 'x'];
}
