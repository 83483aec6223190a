import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Attachments and the messages that refer to them. */
export class Attachments1795911100000 implements MigrationInterface {
  readonly name = 'Attachments1795911100000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = runner.dataSource.options.type === 'better-sqlite3' ? SQLITE : MYSQL;
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['attachment_references', 'attachments']) await runner.query(`DROP TABLE ${table}`);
  }
}

const MYSQL_TABLE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const MYSQL = [
  `CREATE TABLE attachments (
    id VARCHAR(36) NOT NULL,
    owner_id VARCHAR(120) NOT NULL,
    name VARCHAR(255) NOT NULL,
    mime VARCHAR(127) NOT NULL,
    size BIGINT NOT NULL,
    sha256 VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id),
    INDEX ix_attachments_owner (owner_id),
    INDEX ix_attachments_created (created_at)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE attachment_references (
    attachment_id VARCHAR(36) NOT NULL,
    conversation_id VARCHAR(255) NOT NULL,
    seq BIGINT NOT NULL,
    PRIMARY KEY (attachment_id, conversation_id, seq),
    INDEX ix_attachment_references_entry (conversation_id, seq)
  ) ${MYSQL_TABLE}`,
];

const SQLITE = [
  `CREATE TABLE attachments (
    id varchar(36) PRIMARY KEY NOT NULL,
    owner_id varchar(120) NOT NULL,
    name varchar(255) NOT NULL,
    mime varchar(127) NOT NULL,
    size bigint NOT NULL,
    sha256 varchar(64) NOT NULL,
    created_at bigint NOT NULL
  )`,
  'CREATE INDEX ix_attachments_owner ON attachments (owner_id)',
  'CREATE INDEX ix_attachments_created ON attachments (created_at)',
  `CREATE TABLE attachment_references (
    attachment_id varchar(36) NOT NULL,
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (attachment_id, conversation_id, seq)
  )`,
  'CREATE INDEX ix_attachment_references_entry ON attachment_references (conversation_id, seq)',
];
