import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Offline push: tokens of devices, what is to be told to them, and who does it. */
export class Push1795911010000 implements MigrationInterface {
  readonly name = 'Push1795911010000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = runner.dataSource.options.type === 'better-sqlite3' ? SQLITE : MYSQL;
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['push_tokens', 'push_outbox', 'push_nodes'])
      await runner.query(`DROP TABLE ${table}`);
  }
}

const MYSQL_TABLE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const MYSQL = [
  `CREATE TABLE push_tokens (
    id VARCHAR(64) NOT NULL,
    user_id VARCHAR(120) NOT NULL,
    provider VARCHAR(32) NOT NULL,
    token TEXT NOT NULL,
    device_id VARCHAR(64) NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    INDEX ix_push_tokens_user (user_id)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE push_outbox (
    id VARCHAR(36) NOT NULL,
    token_id VARCHAR(64) NOT NULL,
    user_id VARCHAR(120) NOT NULL,
    conversation_id VARCHAR(255) NOT NULL,
    seq BIGINT NOT NULL,
    kind VARCHAR(8) NOT NULL,
    state VARCHAR(10) NOT NULL,
    attempts INT NOT NULL,
    due_at BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    error VARCHAR(255) NULL,
    PRIMARY KEY (id),
    UNIQUE INDEX uq_push_outbox_entry (token_id, conversation_id, seq, kind),
    INDEX ix_push_outbox_due (state, due_at),
    INDEX ix_push_outbox_user (user_id, state, id)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE push_nodes (
    id VARCHAR(36) NOT NULL,
    position BIGINT NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (id)
  ) ${MYSQL_TABLE}`,
];

const SQLITE = [
  `CREATE TABLE push_tokens (
    id varchar(64) PRIMARY KEY NOT NULL,
    user_id varchar(120) NOT NULL,
    provider varchar(32) NOT NULL,
    token text NOT NULL,
    device_id varchar(64),
    created_at bigint NOT NULL
  )`,
  'CREATE INDEX ix_push_tokens_user ON push_tokens (user_id)',
  `CREATE TABLE push_outbox (
    id varchar(36) PRIMARY KEY NOT NULL,
    token_id varchar(64) NOT NULL,
    user_id varchar(120) NOT NULL,
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL,
    kind varchar(8) NOT NULL,
    state varchar(10) NOT NULL,
    attempts integer NOT NULL,
    due_at bigint NOT NULL,
    created_at bigint NOT NULL,
    error varchar(255)
  )`,
  'CREATE UNIQUE INDEX uq_push_outbox_entry ON push_outbox (token_id, conversation_id, seq, kind)',
  'CREATE INDEX ix_push_outbox_due ON push_outbox (state, due_at)',
  'CREATE INDEX ix_push_outbox_user ON push_outbox (user_id, state, id)',
  `CREATE TABLE push_nodes (
    id varchar(36) PRIMARY KEY NOT NULL,
    position bigint NOT NULL,
    seen_at bigint NOT NULL
  )`,
];
