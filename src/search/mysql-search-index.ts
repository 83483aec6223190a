import type { MysqlDatabase } from '../database/index.js';
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
import { MOVED } from './sqlite-search-index.js';

/** Terms in a column of their own under a FULLTEXT index, which works alike on MySQL and MariaDB, without any parser plugin. */
export class MysqlSearchIndex extends SearchIndex {
  constructor(private readonly database: MysqlDatabase) {
    super();
  }

  override async write(changes: IndexChanges): Promise<void> {
    await this.database.door.transaction((manager) => apply(manager, changes));
  }

  override find(request: FindRequest): Promise<Found[]> {
    const [start, end] = idsOf(request);
    const sql = `SELECT id, conversation_id AS conversation, seq FROM search_documents
      WHERE MATCH (terms) AGAINST (? IN BOOLEAN MODE) AND id >= ? AND id < ? ORDER BY id DESC LIMIT ?`;
    const match = request.conditions.map(expressionOf).join(' ');
    return this.database.read<Found[]>(sql, [match, start, end, request.limit]);
  }

  override async positions(conversations: readonly string[]): Promise<Map<string, number>> {
    if (conversations.length === 0) return new Map();
    const sql =
      'SELECT conversation_id AS conversation, seq FROM search_positions WHERE conversation_id IN (?)';
    const rows = await this.database.read<{ conversation: string; seq: number }[]>(sql, [conversations]);
    return new Map(rows.map(({ conversation, seq }) => [conversation, seq]));
  }

  override moved(
    { time, conversation }: { time: number; conversation: string },
    limit: number,
  ): Promise<MovedConversation[]> {
    return this.database.read<MovedConversation[]>(MOVED, [time, time, conversation, limit]);
  }
}

/** Terms are plain words: no sign of the boolean syntax is ever in one. */
function expressionOf({ anyOf, prefix }: Condition): string {
  const terms = anyOf.map((term) => `${term}${prefix ? '*' : ''}`);
  return terms.length === 1 ? `+${terms[0]}` : `+(${terms.join(' ')})`;
}

/** The part of a write unit's manager that is needed here. */
interface EntityManager {
  query<T>(sql: string, values?: unknown[]): Promise<T>;
}

type Place = { conversation: string; seq: number };

async function apply(manager: EntityManager, { documents, removed, positions }: IndexChanges): Promise<void> {
  const gone = await existing(manager, [...removed, ...documents]);
  if (gone.length > 0)
    await manager.query('DELETE FROM search_documents WHERE id IN (?)', [gone.map(({ id }) => id)]);
  if (documents.length > 0) await insert(manager, documents);
  if (positions.length > 0)
    await manager.query(
      'INSERT INTO search_positions (conversation_id, seq) VALUES ? ON DUPLICATE KEY UPDATE seq = GREATEST(seq, VALUES(seq))',
      [positions.map(({ conversation, seq }) => [conversation, seq])],
    );
}

async function existing(manager: EntityManager, places: readonly Place[]): Promise<Found[]> {
  if (places.length === 0) return [];
  const [first, ...rest] = places.map(() => 'SELECT ? AS c0, ? AS c1');
  const sql = `SELECT d.id AS id FROM (${[first, ...rest].join(' UNION ALL ')}) w
    STRAIGHT_JOIN search_documents d ON d.conversation_id = w.c0 AND d.seq = w.c1`;
  return manager.query<Found[]>(
    sql,
    places.flatMap(({ conversation, seq }) => [conversation, seq]),
  );
}

async function insert(manager: EntityManager, documents: readonly SearchDocument[]): Promise<void> {
  const times = [...new Set(documents.map(({ time }) => time))];
  const ranges = times
    .map(() => 'SELECT id FROM search_documents WHERE id >= ? AND id < ?')
    .join(' UNION ALL ');
  const values = times.flatMap((time) => [firstIdOf(time), firstIdOf(time + 1)]);
  const taken = await manager.query<{ id: number }[]>(ranges, values);
  const ids = newIds(documents, new Set(taken.map(({ id }) => Number(id))));
  await manager.query('INSERT INTO search_documents (id, conversation_id, seq, terms) VALUES ?', [
    documents.map(({ conversation, seq, terms }, index) => [ids[index], conversation, seq, terms.join(' ')]),
  ]);
}
