import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What users did with single notifications, templates, what waits to be sent, locales, and roles that were seen. */
export class Notifications1795911000000 implements MigrationInterface {
  readonly name = 'Notifications1795911000000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = runner.dataSource.options.type === 'better-sqlite3' ? SQLITE : MYSQL;
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of TABLES) await runner.query(`DROP TABLE ${table}`);
  }
}

const TABLES = [
  'notification_marks',
  'notification_templates',
  'notification_schedule',
  'notification_locales',
  'user_roles',
];

const MYSQL_TABLE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const MYSQL = [
  `CREATE TABLE notification_marks (
    user_id VARCHAR(120) NOT NULL,
    conversation_id VARCHAR(255) NOT NULL,
    seq BIGINT NOT NULL,
    state VARCHAR(8) NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE notification_templates (
    name VARCHAR(64) NOT NULL,
    locale VARCHAR(35) NOT NULL,
    content TEXT NOT NULL,
    updated_at BIGINT NOT NULL,
    PRIMARY KEY (name, locale)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE notification_schedule (
    id VARCHAR(36) NOT NULL,
    idempotency_key VARCHAR(64) NOT NULL,
    request TEXT NOT NULL,
    due_at BIGINT NOT NULL,
    state VARCHAR(12) NOT NULL,
    created_at BIGINT NOT NULL,
    claimed_at BIGINT NULL,
    result TEXT NULL,
    PRIMARY KEY (id),
    UNIQUE INDEX uq_notification_schedule_key (idempotency_key),
    INDEX ix_notification_schedule_due (state, due_at)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE notification_locales (
    user_id VARCHAR(120) NOT NULL,
    locale VARCHAR(35) NOT NULL,
    PRIMARY KEY (user_id)
  ) ${MYSQL_TABLE}`,
  `CREATE TABLE user_roles (
    role VARCHAR(64) NOT NULL,
    user_id VARCHAR(120) NOT NULL,
    PRIMARY KEY (role, user_id),
    INDEX ix_user_roles_user (user_id)
  ) ${MYSQL_TABLE}`,
];

const SQLITE = [
  `CREATE TABLE notification_marks (
    user_id varchar(120) NOT NULL,
    conversation_id varchar(255) NOT NULL,
    seq bigint NOT NULL,
    state varchar(8) NOT NULL,
    PRIMARY KEY (user_id, conversation_id, seq)
  ) WITHOUT ROWID`,
  `CREATE TABLE notification_templates (
    name varchar(64) NOT NULL,
    locale varchar(35) NOT NULL,
    content text NOT NULL,
    updated_at bigint NOT NULL,
    PRIMARY KEY (name, locale)
  ) WITHOUT ROWID`,
  `CREATE TABLE notification_schedule (
    id varchar(36) PRIMARY KEY NOT NULL,
    idempotency_key varchar(64) NOT NULL,
    request text NOT NULL,
    due_at bigint NOT NULL,
    state varchar(12) NOT NULL,
    created_at bigint NOT NULL,
    claimed_at bigint,
    result text
  )`,
  'CREATE UNIQUE INDEX uq_notification_schedule_key ON notification_schedule (idempotency_key)',
  'CREATE INDEX ix_notification_schedule_due ON notification_schedule (state, due_at)',
  `CREATE TABLE notification_locales (
    user_id varchar(120) PRIMARY KEY NOT NULL,
    locale varchar(35) NOT NULL
  ) WITHOUT ROWID`,
  `CREATE TABLE user_roles (
    role varchar(64) NOT NULL,
    user_id varchar(120) NOT NULL,
    PRIMARY KEY (role, user_id)
  ) WITHOUT ROWID`,
  'CREATE INDEX ix_user_roles_user ON user_roles (user_id)',
];
