import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What makes a list of conversations useful: who was mentioned where, and how each user wants to have them. */
export class ChatInbox1795910700000 implements MigrationInterface {
  readonly name = 'ChatInbox1795910700000';

  async up(runner: QueryRunner): Promise<void> {
    for (const sql of runner.dataSource.options.type === 'better-sqlite3' ? SQLITE : MYSQL)
      await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['conversation_settings', 'chat_mentions']) await runner.query(`DROP TABLE ${table}`);
  }
}

const MYSQL_TABLE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const MYSQL = [
  `CREATE TABLE chat_mentions (
    user_id VARCHAR(120) NOT NULL,
    conversation_id VARCHAR(255) NOT NULL,
    seq BIGINT NOT NULL,
    sender_id VARCHAR(120) NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq),
    INDEX ix_chat_mentions_entry (conversation_id, seq)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE conversation_settings (
    user_id VARCHAR(120) NOT NULL,
    conversation_id VARCHAR(255) NOT NULL,
    muted_until BIGINT NOT NULL,
    pinned INT NOT NULL,
    archived INT NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
  ) ${MYSQL_TABLE}`,
];

const SQLITE = [
  `CREATE TABLE chat_mentions (
    user_id varchar(120) NOT NULL,
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL,
    sender_id varchar(120) NOT NULL,
    created_at bigint NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq)
  ) WITHOUT ROWID`,
  'CREATE INDEX ix_chat_mentions_entry ON chat_mentions (conversation_id, seq)',
  `CREATE TABLE conversation_settings (
    user_id varchar(120) NOT NULL,
    conversation_id varchar(255) NOT NULL,
    muted_until bigint NOT NULL,
    pinned integer NOT NULL,
    archived integer NOT NULL,
    PRIMARY KEY (user_id, conversation_id)
  ) WITHOUT ROWID`,
];
