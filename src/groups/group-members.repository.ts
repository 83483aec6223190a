import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readRows } from '../database/index.js';
import type { ConversationFacts, Relation } from '../journal/index.js';

/** What may be listed: members, or those outside with this role. */
export type ListedRelation = 'member' | 'invited' | 'requested' | 'banned';

export interface ListQuery {
  relation: ListedRelation;
  /** The last id of the page before. */
  cursor?: string;
  limit: number;
}

export type MemberRow = Pick<Relation, 'role' | 'attributes'> & { user: string };
export type GroupRow = Relation & ConversationFacts & { id: string };

/** Sorts after every id that begins with what stands before it, byte by byte and code point by code point. */
const LAST_CHARACTER = '\u{10FFFF}';

/** Lists of members and of groups, a page at a time: neither is ever read whole. */
@Injectable()
export class GroupMembersRepository {
  constructor(private readonly source: DataSource) {}

  /** In the order of the ids. */
  async members(
    group: string,
    { relation, prefix = '', cursor = '', limit }: ListQuery & { prefix?: string },
  ): Promise<MemberRow[]> {
    const [from, ...bounds] = lowerBound(cursor, prefix);
    const rows = await this.select<Json<MemberRow, 'attributes'>>(
      `SELECT m.user_id AS user, m.role AS role, m.attributes AS attributes FROM members m
        WHERE m.conversation_id = ? AND ${WHERE[relation]} AND ${from} AND m.user_id < ?
        ORDER BY m.user_id LIMIT ?`,
      [group, ...bounds, prefix + LAST_CHARACTER, limit],
    );
    return rows.map((row) => ({ ...row, attributes: parsed(row.attributes) }));
  }

  /** Groups that a user has this relation to, in the order of their ids. */
  async groups(user: string, { relation, cursor = '', limit }: ListQuery): Promise<GroupRow[]> {
    const rows = await this.select<Json<GroupRow, 'attributes' | 'state'>>(
      `SELECT c.id AS id, c.kind AS kind, c.head_seq AS head, c.moved_at AS time, c.state AS state,
          m.joined_seq AS joined, m.left_seq AS \`left\`, m.delivered_seq AS delivered, m.read_seq AS \`read\`,
          m.role AS role, m.attributes AS attributes
        FROM members m JOIN conversations c ON c.id = m.conversation_id
        WHERE m.user_id = ? AND ${WHERE[relation]} AND c.kind = 'group' AND m.conversation_id > ?
        ORDER BY m.conversation_id LIMIT ?`,
      [user, cursor, limit],
    );
    return rows.map((row) => ({ ...row, attributes: parsed(row.attributes), state: parsed(row.state) }));
  }

  private select<Row>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    return readRows<Row>(this.source, sql, values);
  }
}

const WHERE: Readonly<Record<ListedRelation, string>> = {
  member: 'm.left_seq IS NULL',
  invited: `m.left_seq IS NOT NULL AND m.role = 'invited'`,
  requested: `m.left_seq IS NOT NULL AND m.role = 'requested'`,
  banned: `m.left_seq IS NOT NULL AND m.role = 'banned'`,
};

/** One bound wherever one is enough: with two of them SQLite takes the index without the role. */
function lowerBound(cursor: string, prefix: string): [sql: string, ...values: string[]] {
  if (cursor === '') return ['m.user_id >= ?', prefix];
  if (cursor.startsWith(prefix)) return ['m.user_id > ?', cursor];
  return ['m.user_id >= ? AND m.user_id > ?', prefix, cursor];
}

type Json<Row, Key extends keyof Row> = Omit<Row, Key> & Record<Key, string | null>;

function parsed(json: string | null): Record<string, unknown> | null {
  return json === null ? null : (JSON.parse(json) as Record<string, unknown>);
}
