import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WriteDoor, readRows } from '../database/index.js';

/** Whose tokens administrators have revoked. */
@Injectable()
export class TokenRevocationRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  /** By user, milliseconds since the epoch. */
  async all(): Promise<Map<string, number>> {
    const sql = 'SELECT user_id, issued_until FROM token_revocations';
    const rows = await readRows<{ user_id: string; issued_until: number | string }>(this.dataSource, sql);
    return new Map(rows.map((row) => [row.user_id, Number(row.issued_until)]));
  }

  async set(user: string, issuedUntil: number): Promise<void> {
    await this.door.transaction(async (manager) => {
      await manager.query('REPLACE INTO token_revocations (user_id, issued_until) VALUES (?, ?)', [
        user,
        issuedUntil,
      ]);
    });
  }
}
