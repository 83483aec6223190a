import { BROADCAST_CONVERSATION, parseConversationId } from './conversation-id.js';
import { JournalStore } from './journal-store.js';
import {
  NAMELESS_DEVICE,
  type Backlog,
  type Entry,
  type Membership,
  type Page,
  type ReadRange,
} from './journal.types.js';
import { mayExist } from './operation-checks.js';
import { decodeCursor, END_OF_TIME, pageOf } from './page-cursor.js';
import { ENTRY_COLUMNS, entryFromRow, type EntryRow } from './rows.js';

const ENTRIES = `SELECT ${ENTRY_COLUMNS} FROM entries e WHERE e.conversation_id = ?`;

const MEMBERSHIPS = `SELECT c.id AS conversation, c.kind AS kind, c.head_seq AS head, c.moved_at AS time,
    m.joined_seq AS joined, m.delivered_seq AS delivered, m.read_seq AS \`read\`
  FROM members m JOIN conversations c ON c.id = m.conversation_id
  WHERE m.user_id = ? AND m.left_seq IS NULL`;

const NO_PAGE = { items: [], next: null };

/** Rows per page at most, whatever is asked for. */
const MAX_LIMIT = 1000;

const bounded = (limit: number): number => Math.max(0, Math.min(Math.trunc(limit), MAX_LIMIT));

/** Reading, in the SQL that both databases understand. */
export abstract class SqlJournalStore extends JournalStore {
  /** The database's name for the largest of several values. */
  protected abstract readonly greatest: 'MAX' | 'GREATEST';

  /** Committed rows only. Rejects with AppError. */
  protected abstract select<T>(sql: string, values: readonly unknown[]): Promise<T[]>;

  override async read(conversation: string, range: ReadRange): Promise<Entry[]> {
    if (!mayExist(conversation)) return [];
    const limit = bounded(range.limit);
    if (range.after !== undefined) return this.ascending(conversation, range.after, limit);
    const sql = `${ENTRIES} AND e.seq < ? ORDER BY e.seq DESC LIMIT ?`;
    const rows = await this.select<EntryRow>(sql, [conversation, range.before ?? END_OF_TIME, limit]);
    return rows.reverse().map(entryFromRow);
  }

  override async membership(user: string, conversation: string): Promise<Membership | undefined> {
    if (!mayExist(user, conversation)) return undefined;
    const [row] = await this.select<Membership>(`${MEMBERSHIPS} AND m.conversation_id = ?`, [
      user,
      conversation,
    ]);
    return row;
  }

  override async memberships(
    user: string,
    page: { cursor?: string; limit: number },
  ): Promise<Page<Membership>> {
    const limit = bounded(page.limit);
    const { time, id } =
      page.cursor === undefined ? { time: END_OF_TIME, id: '' } : decodeCursor(page.cursor);
    if (!mayExist(user)) return NO_PAGE;
    const sql = `${MEMBERSHIPS} AND c.head_seq > 0 AND c.head_seq > m.joined_seq
      AND (c.moved_at < ? OR (c.moved_at = ? AND c.id < ?))
      ORDER BY c.moved_at DESC, c.id DESC LIMIT ?`;
    return pageOf(await this.select<Membership>(sql, [user, time, time, id, limit + 1]), limit);
  }

  override async peerCursors(
    user: string,
    conversations: readonly string[],
  ): Promise<Map<string, { delivered: number; read: number }>> {
    const direct = conversations.filter((id) => parseConversationId(id)?.kind === 'direct');
    if (direct.length === 0 || !mayExist(user)) return new Map();
    const sql = `SELECT conversation_id AS conversation, delivered_seq AS delivered, read_seq AS \`read\`
      FROM members WHERE conversation_id IN (${direct.map(() => '?').join()}) AND user_id <> ?`;
    type Row = { conversation: string; delivered: number; read: number };
    const rows = await this.select<Row>(sql, [...direct, user]);
    return new Map(rows.map(({ conversation, delivered, read }) => [conversation, { delivered, read }]));
  }

  override async backlog(
    user: string,
    device: string | undefined,
    page: { cursor?: string; limit: number },
  ): Promise<Page<Backlog>> {
    const limit = bounded(page.limit);
    const { time, id } = page.cursor === undefined ? { time: -1, id: '' } : decodeCursor(page.cursor);
    if (!mayExist(user, device ?? NAMELESS_DEVICE)) return NO_PAGE;
    const values = [device ?? NAMELESS_DEVICE, user, time, time, id, limit + 1];
    return pageOf(await this.select<Backlog>(this.backlogSql(), values), limit);
  }

  override async isEnrolled(user: string): Promise<boolean> {
    return (await this.membership(user, BROADCAST_CONVERSATION)) !== undefined;
  }

  private async ascending(conversation: string, after: number, limit: number): Promise<Entry[]> {
    const sql = `${ENTRIES} AND e.seq > ? ORDER BY e.seq LIMIT ?`;
    return (await this.select<EntryRow>(sql, [conversation, after, limit])).map(entryFromRow);
  }

  private backlogSql(): string {
    const after = `${this.greatest}(m.read_seq, m.joined_seq, COALESCE(d.delivered_seq, 0))`;
    return `SELECT c.id AS conversation, ${after} AS \`after\`, c.head_seq AS head, c.moved_at AS time
      FROM members m JOIN conversations c ON c.id = m.conversation_id
      LEFT JOIN device_cursors d
        ON d.user_id = m.user_id AND d.device_id = ? AND d.conversation_id = m.conversation_id
      WHERE m.user_id = ? AND m.left_seq IS NULL AND c.head_seq > ${after}
        AND (c.moved_at > ? OR (c.moved_at = ? AND c.id > ?))
      ORDER BY c.moved_at, c.id LIMIT ?`;
  }
}
