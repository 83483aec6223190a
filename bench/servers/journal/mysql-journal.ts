import { type Connection, createConnection, type RowDataPacket } from 'mysql2/promise';
import { type Journal, number, type Row } from './journal.js';

const TABLE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const SCHEMA = `
  CREATE TABLE conversations (
    id VARCHAR(255) NOT NULL PRIMARY KEY, head_seq BIGINT NOT NULL, moved_at BIGINT NOT NULL
  ) ${TABLE};
  CREATE TABLE entries (
    conversation_id VARCHAR(255) NOT NULL,
    seq BIGINT NOT NULL,
    type VARCHAR(32) NOT NULL,
    sender_id VARCHAR(120) NOT NULL,
    client_id VARCHAR(64) NOT NULL,
    body MEDIUMTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, seq),
    UNIQUE INDEX uq_entries_client (conversation_id, sender_id, client_id)
  ) ${TABLE}`;

const LOCK =
  'START TRANSACTION; SELECT id, head_seq FROM conversations WHERE id IN (?) ORDER BY id FOR UPDATE';
const STORE = `INSERT INTO entries (conversation_id, seq, type, sender_id, client_id, body, created_at) VALUES ?;
  INSERT INTO conversations (id, head_seq, moved_at) VALUES ?
    ON DUPLICATE KEY UPDATE head_seq = VALUES(head_seq), moved_at = VALUES(moved_at);
  COMMIT`;

/** One connection, two round trips a transaction. */
export class MysqlJournal implements Journal {
  private constructor(private readonly connection: Connection) {}

  static async open(url: string): Promise<MysqlJournal> {
    const connection = await createConnection({ uri: url, multipleStatements: true });
    await connection.query(SCHEMA);
    await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    return new MysqlJournal(connection);
  }

  async commit(rows: readonly Row[]): Promise<void> {
    const ids = [...new Set(rows.map(({ conversation }) => conversation))];
    const [results] = await this.connection.query<RowDataPacket[][]>(LOCK, [ids]);
    const found = results[1] as unknown as { id: string; head_seq: number }[];
    const moved = number(rows, new Map(found.map(({ id, head_seq }) => [id, head_seq])));
    const entries = rows.map((r) => [r.conversation, r.seq, 'message', r.sender, r.clientId, r.body, r.time]);
    const heads = [...moved].map(([id, head]) => [id, head, Date.now()]);
    await this.connection.query(STORE, [entries, heads]);
  }
}
