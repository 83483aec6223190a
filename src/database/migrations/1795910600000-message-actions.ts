import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What users hid from themselves, how they reacted, and what is pinned. Edits and recalls are in the entries themselves. */
export class MessageActions1795910600000 implements MigrationInterface {
  readonly name = 'MessageActions1795910600000';

  async up(runner: QueryRunner): Promise<void> {
    const isSqlite = runner.dataSource.options.type === 'better-sqlite3';
    const options = isSqlite ? 'WITHOUT ROWID' : MYSQL_TABLE;
    for (const table of TABLES) await runner.query(`${table} ${options}`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['message_pins', 'message_reactions', 'hidden_entries'])
      await runner.query(`DROP TABLE ${table}`);
  }
}

const MYSQL_TABLE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const TABLES = [
  `CREATE TABLE hidden_entries (
    user_id varchar(120) NOT NULL,
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq)
  )`,
  `CREATE TABLE message_reactions (
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL,
    emoji varchar(64) NOT NULL,
    user_id varchar(120) NOT NULL,
    reacted_at bigint NOT NULL,
    PRIMARY KEY (conversation_id, seq, emoji, user_id)
  )`,
  `CREATE TABLE message_pins (
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL,
    user_id varchar(120) NOT NULL,
    pinned_at bigint NOT NULL,
    PRIMARY KEY (conversation_id, seq)
  )`,
];
