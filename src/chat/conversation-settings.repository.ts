import { Injectable } from '@nestjs/common';
import type { ConversationSettings } from '@rookery/protocol';
import { DataSource } from 'typeorm';
import { WriteDoor, readRows } from '../database/index.js';

interface Row {
  user: string;
  conversation: string;
  mutedUntil: number;
  pinned: number;
  archived: number;
}

const SETTINGS = `SELECT user_id AS user, conversation_id AS conversation, muted_until AS mutedUntil, pinned, archived
  FROM conversation_settings`;

const REPLACE = `REPLACE INTO conversation_settings (user_id, conversation_id, muted_until, pinned, archived)
  VALUES (?, ?, ?, ?, ?)`;

const listOf = (values: readonly unknown[]): string => values.map(() => '?').join();

/** How users want to have their conversations. Whoever wants nothing has no row. */
@Injectable()
export class ConversationSettingsRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  /** Of the given conversations, those with settings. */
  async of(user: string, conversations: readonly string[]): Promise<Map<string, ConversationSettings>> {
    if (conversations.length === 0) return new Map();
    const sql = `${SETTINGS} WHERE user_id = ? AND conversation_id IN (${listOf(conversations)})`;
    const rows = await this.select(sql, [user, ...conversations]);
    return new Map(rows.map((row) => [row.conversation, settingsOf(row)]));
  }

  /** Conversations that a user has muted at a time, milliseconds since the epoch. */
  async mutedBy(user: string, now: number): Promise<Set<string>> {
    const rows = await this.select(`${SETTINGS} WHERE user_id = ? AND muted_until > ?`, [user, now]);
    return new Set(rows.map(({ conversation }) => conversation));
  }

  /** Of these users, those who have muted a conversation at a time. */
  async mutedAmong(conversation: string, users: readonly string[], now: number): Promise<Set<string>> {
    if (users.length === 0) return new Set();
    const sql = `${SETTINGS} WHERE user_id IN (${listOf(users)}) AND conversation_id = ? AND muted_until > ?`;
    const rows = await this.select(sql, [...users, conversation, now]);
    return new Set(rows.map(({ user }) => user));
  }

  /** Keeps what is absent. */
  change(
    user: string,
    { conversation, ...change }: Partial<ConversationSettings> & { conversation: string },
  ): Promise<ConversationSettings> {
    return this.door.transaction(async (manager) => {
      const sql = `${SETTINGS} WHERE user_id = ? AND conversation_id = ?`;
      const [row] = await manager.query<Row[]>(sql, [user, conversation]);
      const { mutedUntil, pinned, archived } = { ...(row ? settingsOf(row) : NO_SETTINGS), ...change };
      await manager.query(REPLACE, [user, conversation, mutedUntil ?? 0, Number(pinned), Number(archived)]);
      return { conversation, mutedUntil, pinned, archived };
    });
  }

  private select(sql: string, values: readonly unknown[]): Promise<Row[]> {
    return readRows<Row>(this.dataSource, sql, values);
  }
}

const NO_SETTINGS = { mutedUntil: null, pinned: false, archived: false };

const settingsOf = ({ conversation, mutedUntil, pinned, archived }: Row): ConversationSettings => ({
  conversation,
  mutedUntil: mutedUntil || null,
  pinned: pinned === 1,
  archived: archived === 1,
});
