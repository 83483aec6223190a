import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a conversation and a member's relation to it are besides their places: groups keep names, roles and mutes here. */
export class Relations1795910400000 implements MigrationInterface {
  readonly name = 'Relations1795910400000';

  async up(runner: QueryRunner): Promise<void> {
    for (const [table, column, type] of COLUMNS)
      await runner.query(`ALTER TABLE ${table} ADD COLUMN ${column} ${type} NULL`);
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const [table, column] of COLUMNS) await runner.query(`ALTER TABLE ${table} DROP COLUMN ${column}`);
  }
}

const COLUMNS = [
  ['conversations', 'state', 'TEXT'],
  ['members', 'role', 'VARCHAR(16)'],
  ['members', 'attributes', 'TEXT'],
] as const;
