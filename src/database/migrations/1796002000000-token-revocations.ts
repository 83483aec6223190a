import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Users whose tokens administrators have revoked. */
export class TokenRevocations1796002000000 implements MigrationInterface {
  readonly name = 'TokenRevocations1796002000000';

  async up(runner: QueryRunner): Promise<void> {
    const isSqlite = runner.dataSource.options.type === 'better-sqlite3';
    await runner.query(isSqlite ? SQLITE : MYSQL);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE token_revocations');
  }
}

const MYSQL = `CREATE TABLE token_revocations (
    user_id VARCHAR(120) NOT NULL,
    issued_until BIGINT NOT NULL,
    PRIMARY KEY (user_id)
  ) ENGINE=InnoDB ROW_FORMAT=DYNAMIC DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_bin`;

const SQLITE = `CREATE TABLE token_revocations (
    user_id varchar(120) PRIMARY KEY NOT NULL,
    issued_until bigint NOT NULL
  )`;
