import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which attempt has a scheduled notification in hand. */
export class NotificationClaims1796000600000 implements MigrationInterface {
  readonly name = 'NotificationClaims1796000600000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE notification_schedule ADD COLUMN claimed_by VARCHAR(36)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE notification_schedule DROP COLUMN claimed_by');
  }
}
