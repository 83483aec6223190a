import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Addresses that administrators have blocked. */
export class IpBlocks1796000900000 implements MigrationInterface {
  readonly name = 'IpBlocks1796000900000';

  async up(runner: QueryRunner): Promise<void> {
    const isSqlite = runner.dataSource.options.type === 'better-sqlite3';
    await runner.query(isSqlite ? SQLITE : MYSQL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE ip_blocks');
  }
}

const MYSQL = `CREATE TABLE ip_blocks (
    ip_range VARCHAR(64) NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (ip_range)
  ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;

const SQLITE = `CREATE TABLE ip_blocks (
    ip_range varchar(64) PRIMARY KEY NOT NULL,
    created_at bigint NOT NULL
  )`;
