import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The times somebody was a member before he came back: what was for him then stays his. */
export class EarlierStays1796001000000 implements MigrationInterface {
  readonly name = 'EarlierStays1796001000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE members ADD COLUMN earlier_stays VARCHAR(1024) NULL');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE members DROP COLUMN earlier_stays');
  }
}
