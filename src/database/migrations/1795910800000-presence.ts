import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who is there, on which node; when somebody was last there; how users want to look. */
export class Presence1795910800000 implements MigrationInterface {
  readonly name = 'Presence1795910800000';

  async up(runner: QueryRunner): Promise<void> {
    const sqlite = runner.dataSource.options.type === 'better-sqlite3';
    for (const sql of TABLES) await runner.query(`${sql} ${sqlite ? 'WITHOUT ROWID' : MYSQL_TABLE}`);
    for (const table of ['presence_leases', 'presence_settings'])
      await runner.query(`CREATE INDEX ix_${table}_changed ON ${table} (changed_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of ['presence_settings', 'presence_seen', 'presence_leases', 'presence_nodes'])
      await runner.query(`DROP TABLE ${table}`);
  }
}

const MYSQL_TABLE = 'ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin';

const TABLES = [
  `CREATE TABLE presence_nodes (
    node_id VARCHAR(64) NOT NULL,
    incarnation BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (node_id)
  )`,
  `CREATE TABLE presence_leases (
    user_id VARCHAR(120) NOT NULL,
    node_id VARCHAR(64) NOT NULL,
    incarnation BIGINT NOT NULL,
    state VARCHAR(16) NULL,
    platforms TEXT NOT NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, node_id)
  )`,
  `CREATE TABLE presence_seen (
    user_id VARCHAR(120) NOT NULL,
    seen_at BIGINT NOT NULL,
    PRIMARY KEY (user_id)
  )`,
  `CREATE TABLE presence_settings (
    user_id VARCHAR(120) NOT NULL,
    choice VARCHAR(16) NULL,
    status_text VARCHAR(512) NULL,
    status_until BIGINT NULL,
    online_to VARCHAR(16) NULL,
    last_seen_to VARCHAR(16) NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (user_id)
  )`,
];
