import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readRows } from '../database/index.js';
import { isForMember, type EntryPlace } from '../journal/index.js';
import { EVERYBODY } from './mention-rows.js';

/** Where a user was mentioned, and when. */
export interface MentionPlace extends EntryPlace {
  /** Milliseconds since the epoch. */
  time: number;
}

const VISIBLE = `m.user_id = ? AND x.sender_id <> m.user_id
  AND ${isForMember('x.seq')}
  AND NOT EXISTS (SELECT 1 FROM hidden_entries h
    WHERE h.user_id = m.user_id AND h.conversation_id = x.conversation_id AND h.seq = x.seq)`;

/** Rows of a user and rows of everybody are two look-ups in the same index; an OR of them would be none. */
const bothKinds = (select: (mentioned: string) => string): string =>
  `${select('m.user_id')} UNION ALL ${select(`'${EVERYBODY}'`)}`;

/** Who was mentioned where; the rows are written with the messages. */
@Injectable()
export class MentionRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Unread mentions by conversation, where there are any: in the given ones, or in all of the user's. One query. */
  async unread(user: string, conversations?: readonly string[]): Promise<Map<string, number>> {
    const chosen = conversations ? `AND m.conversation_id IN (${conversations.map(() => '?').join()})` : '';
    const sql = bothKinds(
      (mentioned) => `SELECT x.conversation_id AS conversation, COUNT(*) AS count
        FROM members m JOIN chat_mentions x
          ON x.user_id = ${mentioned} AND x.conversation_id = m.conversation_id AND x.seq > m.read_seq
        WHERE ${VISIBLE} ${chosen} GROUP BY x.conversation_id`,
    );
    const values = [user, ...(conversations ?? [])];
    const found = await this.select<{ conversation: string; count: number }>(sql, [...values, ...values]);
    const counts = new Map<string, number>();
    for (const { conversation, count } of found)
      counts.set(conversation, (counts.get(conversation) ?? 0) + Number(count));
    return counts;
  }

  /** Mentions that the user may see, the newest first, before a place. */
  list(user: string, before: MentionPlace, limit: number): Promise<MentionPlace[]> {
    const { time, conversation, seq } = before;
    const sql = bothKinds(
      (mentioned) => `SELECT x.created_at AS time, x.conversation_id AS conversation, x.seq AS seq
        FROM members m JOIN chat_mentions x
          ON x.user_id = ${mentioned} AND x.conversation_id = m.conversation_id
        WHERE ${VISIBLE} AND (x.created_at < ? OR (x.created_at = ? AND
          (x.conversation_id < ? OR (x.conversation_id = ? AND x.seq < ?))))`,
    );
    const values = [user, time, time, conversation, conversation, seq];
    return this.select<MentionPlace>(`${sql} ORDER BY time DESC, conversation DESC, seq DESC LIMIT ?`, [
      ...values,
      ...values,
      limit,
    ]);
  }

  private select<Row>(sql: string, values: unknown[]): Promise<Row[]> {
    return readRows<Row>(this.dataSource, sql, values);
  }
}
