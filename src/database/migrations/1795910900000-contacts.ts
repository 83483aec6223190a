import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Who knows whom: two rows for a pair, one for the list of each. */
export class Contacts1795910900000 implements MigrationInterface {
  readonly name = 'Contacts1795910900000';

  async up(runner: QueryRunner): Promise<void> {
    const statements = runner.dataSource.options.type === 'better-sqlite3' ? SQLITE : MYSQL;
    for (const sql of statements) await runner.query(sql);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE contacts');
  }
}

const MYSQL = [
  `CREATE TABLE contacts (
    owner_id VARCHAR(120) NOT NULL,
    other_id VARCHAR(120) NOT NULL,
    status VARCHAR(16) NOT NULL,
    blocked SMALLINT NOT NULL,
    suspended SMALLINT NOT NULL,
    remark VARCHAR(64) NULL,
    message VARCHAR(200) NULL,
    changed_at BIGINT NOT NULL,
    PRIMARY KEY (owner_id, other_id),
    INDEX ix_contacts_status (owner_id, status, other_id)
  ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`,
];

const SQLITE = [
  `CREATE TABLE contacts (
    owner_id varchar(120) NOT NULL,
    other_id varchar(120) NOT NULL,
    status varchar(16) NOT NULL,
    blocked smallint NOT NULL,
    suspended smallint NOT NULL,
    remark varchar(64),
    message varchar(200),
    changed_at bigint NOT NULL,
    PRIMARY KEY (owner_id, other_id)
  ) WITHOUT ROWID`,
  'CREATE INDEX ix_contacts_status ON contacts (owner_id, status, other_id)',
];
