import Libsql from 'libsql';
import { type Journal, number, type Row } from './journal.js';

const ROWS_PER_INSERT = 32;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = FULL;
  CREATE TABLE conversations (id varchar(255) PRIMARY KEY NOT NULL, head_seq bigint NOT NULL, moved_at bigint NOT NULL);
  CREATE TABLE entries (
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL,
    type varchar(32) NOT NULL,
    sender_id varchar(120) NOT NULL,
    client_id varchar(64) NOT NULL,
    body text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (conversation_id, seq)
  );
  CREATE UNIQUE INDEX uq_entries_client ON entries (conversation_id, sender_id, client_id);`;

const HEAD = 'SELECT head_seq FROM conversations WHERE id = ?';
const MOVE = `INSERT INTO conversations (id, head_seq, moved_at) VALUES (?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET head_seq = excluded.head_seq, moved_at = excluded.moved_at`;

const insertOf = (rows: number): string =>
  `INSERT INTO entries (conversation_id, seq, type, sender_id, client_id, body, created_at)
   VALUES ${Array(rows).fill('(?, ?, ?, ?, ?, ?, ?)').join()}`;

/** WAL, synced at every commit, statements prepared once. */
export class SqliteJournal implements Journal {
  private readonly database: Libsql.Database;
  private readonly statements = new Map<string, Libsql.Statement>();

  constructor(path: string) {
    this.database = new Libsql(path);
    this.database.exec(SCHEMA);
  }

  commit(rows: readonly Row[]): void {
    this.statement('BEGIN IMMEDIATE').run();
    for (const [id, head] of number(rows, this.headsOf(rows)))
      this.statement(MOVE).run([id, head, Date.now()]);
    for (let first = 0; first < rows.length; first += ROWS_PER_INSERT) {
      const some = rows.slice(first, first + ROWS_PER_INSERT);
      const values = some.flatMap((r) => [
        r.conversation,
        r.seq,
        'message',
        r.sender,
        r.clientId,
        r.body,
        r.time,
      ]);
      this.statement(insertOf(some.length)).run(values);
    }
    this.statement('COMMIT').run();
  }

  private headsOf(rows: readonly Row[]): Map<string, number> {
    const heads = new Map<string, number>();
    for (const { conversation } of rows) {
      if (heads.has(conversation)) continue;
      const row = this.statement(HEAD).get([conversation]) as { head_seq: number } | undefined;
      heads.set(conversation, row?.head_seq ?? 0);
    }
    return heads;
  }

  private statement(sql: string): Libsql.Statement {
    const known = this.statements.get(sql);
    if (known) return known;
    const prepared = this.database.prepare(sql);
    this.statements.set(sql, prepared);
    return prepared;
  }
}
