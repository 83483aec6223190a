import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The journal. No foreign keys: every row is written together with its conversation, under that row's lock.
 * utf8mb4_bin compares bytes but pads with spaces, so ids that end in a space are refused before they get here.
 */
export class Journal1767225600000 implements MigrationInterface {
  readonly name = 'Journal1767225600000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = runner.dataSource.options.type === 'better-sqlite3' ? SQLITE : MYSQL;
    for (const sql of statements) await runner.query(sql);
    const now = Date.now();
    await runner.query(
      'INSERT INTO conversations (id, kind, head_seq, moved_at, created_at) VALUES (?, ?, 0, ?, ?)',
      ['broadcast:all', 'broadcast', now, now],
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['device_cursors', 'members', 'entries', 'conversations'])
      await runner.query(`DROP TABLE ${table}`);
  }
}

const MYSQL_TABLE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const MYSQL = [
  `CREATE TABLE conversations (
    id VARCHAR(255) NOT NULL,
    kind VARCHAR(16) NOT NULL,
    head_seq BIGINT NOT NULL,
    moved_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    INDEX ix_conversations_moved (moved_at)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE entries (
    conversation_id VARCHAR(255) NOT NULL,
    seq BIGINT NOT NULL,
    type VARCHAR(32) NOT NULL,
    sender_id VARCHAR(120) NOT NULL,
    device_id VARCHAR(64) NULL,
    client_id VARCHAR(64) NOT NULL,
    body MEDIUMTEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (conversation_id, seq),
    UNIQUE INDEX uq_entries_client (conversation_id, sender_id, client_id)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE members (
    user_id VARCHAR(120) NOT NULL,
    conversation_id VARCHAR(255) NOT NULL,
    joined_seq BIGINT NOT NULL,
    delivered_seq BIGINT NOT NULL,
    read_seq BIGINT NOT NULL,
    left_seq BIGINT NULL,
    joined_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id),
    INDEX ix_members_conversation (conversation_id, user_id)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE device_cursors (
    user_id VARCHAR(120) NOT NULL,
    device_id VARCHAR(64) NOT NULL,
    conversation_id VARCHAR(255) NOT NULL,
    delivered_seq BIGINT NOT NULL,
    PRIMARY KEY (user_id, device_id, conversation_id)
  ) ${MYSQL_TABLE}`,
];

const SQLITE = [
  `CREATE TABLE conversations (
    id varchar(255) PRIMARY KEY NOT NULL,
    kind varchar(16) NOT NULL,
    head_seq bigint NOT NULL,
    moved_at bigint NOT NULL,
    created_at bigint NOT NULL
  )`,
  'CREATE INDEX ix_conversations_moved ON conversations (moved_at)',
  `CREATE TABLE entries (
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL,
    type varchar(32) NOT NULL,
    sender_id varchar(120) NOT NULL,
    device_id varchar(64),
    client_id varchar(64) NOT NULL,
    body text NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (conversation_id, seq)
  )`,
  'CREATE UNIQUE INDEX uq_entries_client ON entries (conversation_id, sender_id, client_id)',
  `CREATE TABLE members (
    user_id varchar(120) NOT NULL,
    conversation_id varchar(255) NOT NULL,
    joined_seq bigint NOT NULL,
    delivered_seq bigint NOT NULL,
    read_seq bigint NOT NULL,
    left_seq bigint,
    joined_at bigint NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
  ) WITHOUT ROWID`,
  'CREATE INDEX ix_members_conversation ON members (conversation_id, user_id)',
  `CREATE TABLE device_cursors (
    user_id varchar(120) NOT NULL,
    device_id varchar(64) NOT NULL,
    conversation_id varchar(255) NOT NULL,
    delivered_seq bigint NOT NULL,
    PRIMARY KEY (user_id, device_id, conversation_id)
  ) WITHOUT ROWID`,
];
