import { storeError, type SqliteDatabase, type SqliteHandle } from '../database/index.js';
import {
  firstIdOf,
  idsOf,
  newIds,
  SearchIndex,
  type Condition,
  type FindRequest,
  type Found,
  type IndexChanges,
  type MovedConversation,
  type SearchDocument,
} from './search-index.js';

const EXISTING = `SELECT d.id AS id, d.conversation_id AS conversation, d.seq AS seq FROM json_each(?) w
  CROSS JOIN search_documents d ON d.conversation_id = w.value ->> 0 AND d.seq = w.value ->> 1`;

/** Terms in FTS5, without positions and without the text itself: what is found is read from the journal. */
export class SqliteSearchIndex extends SearchIndex {
  constructor(private readonly database: SqliteDatabase) {
    super();
  }

  override async write(changes: IndexChanges): Promise<void> {
    try {
      await this.database.door.exclusive((handle) => apply(handle, changes));
    } catch (error) {
      throw storeError(error);
    }
  }

  override async find(request: FindRequest): Promise<Found[]> {
    const [start, end] = idsOf(request);
    const sql = `SELECT d.id AS id, d.conversation_id AS conversation, d.seq AS seq
      FROM search_terms t CROSS JOIN search_documents d ON d.id = t.rowid
      WHERE t.search_terms MATCH ? AND t.rowid >= ? AND t.rowid < ? ORDER BY t.rowid DESC LIMIT ?`;
    const match = request.conditions.map(expressionOf).join(' AND ');
    return this.select<Found>(sql, [match, start, end, request.limit]);
  }

  override async positions(conversations: readonly string[]): Promise<Map<string, number>> {
    const sql = `SELECT p.conversation_id AS conversation, p.seq AS seq FROM json_each(?) w
      CROSS JOIN search_positions p ON p.conversation_id = w.value`;
    const rows = await this.select<{ conversation: string; seq: number }>(sql, [
      JSON.stringify(conversations),
    ]);
    return new Map(rows.map(({ conversation, seq }) => [conversation, seq]));
  }

  override async moved(
    { time, conversation }: { time: number; conversation: string },
    limit: number,
  ): Promise<MovedConversation[]> {
    return this.select<MovedConversation>(MOVED, [time, time, conversation, limit]);
  }

  private async select<Row>(sql: string, values: readonly unknown[]): Promise<Row[]> {
    try {
      return this.database.reader.prepare(sql).all(values as unknown[]) as Row[];
    } catch (error) {
      throw storeError(error);
    }
  }
}

/** Both databases understand it. */
export const MOVED = `SELECT c.id AS conversation, c.head_seq AS head, COALESCE(p.seq, 0) AS indexed, c.moved_at AS time
  FROM conversations c LEFT JOIN search_positions p ON p.conversation_id = c.id
  WHERE c.moved_at > ? OR (c.moved_at = ? AND c.id > ?) ORDER BY c.moved_at, c.id LIMIT ?`;

/** Terms are plain words, and quoted all the same. */
function expressionOf({ anyOf, prefix }: Condition): string {
  return `(${anyOf.map((term) => `"${term}"${prefix ? '*' : ''}`).join(' OR ')})`;
}

function apply(handle: SqliteHandle, { documents, removed, positions }: IndexChanges): void {
  const existing = (places: readonly { conversation: string; seq: number }[]) =>
    handle
      .prepare(EXISTING)
      .all([JSON.stringify(places.map(({ conversation, seq }) => [conversation, seq]))]) as Found[];
  const forget = handle.prepare('DELETE FROM search_terms WHERE rowid = ?');
  const drop = handle.prepare('DELETE FROM search_documents WHERE id = ?');
  for (const { id } of [...existing(removed), ...existing(documents)]) {
    forget.run([id]);
    drop.run([id]);
  }
  insert(handle, documents);
  const reach = handle.prepare(`INSERT INTO search_positions (conversation_id, seq) VALUES (?, ?)
    ON CONFLICT (conversation_id) DO UPDATE SET seq = MAX(seq, excluded.seq)`);
  for (const { conversation, seq } of positions) reach.run([conversation, seq]);
}

function insert(handle: SqliteHandle, documents: readonly SearchDocument[]): void {
  const near = handle.prepare('SELECT id FROM search_documents WHERE id >= ? AND id < ?');
  const times = new Set(documents.map(({ time }) => time));
  const taken = new Set(
    [...times].flatMap((time) =>
      (near.all([firstIdOf(time), firstIdOf(time + 1)]) as { id: number }[]).map(({ id }) => id),
    ),
  );
  const ids = newIds(documents, taken);
  const document = handle.prepare('INSERT INTO search_documents (id, conversation_id, seq) VALUES (?, ?, ?)');
  const terms = handle.prepare('INSERT INTO search_terms (rowid, terms) VALUES (?, ?)');
  for (const [index, { conversation, seq, terms: words }] of documents.entries()) {
    document.run([ids[index], conversation, seq]);
    terms.run([ids[index], words.join(' ')]);
  }
}
