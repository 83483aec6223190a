import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the few who are invited, ask or are banned among the many of a large group. */
export class MemberRoles1795911200000 implements MigrationInterface {
  readonly name = 'MemberRoles1795911200000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX ix_members_role ON members (conversation_id, role, user_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    const sqlite = runner.dataSource.options.type === 'better-sqlite3';
    await runner.query(`DROP INDEX ix_members_role${sqlite ? '' : ' ON members'}`);
  }
}
