import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WriteDoor, readRows } from '../database/index.js';

/** What administrators have blocked. */
@Injectable()
export class IpBlockRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  async all(): Promise<string[]> {
    const sql = 'SELECT ip_range FROM ip_blocks ORDER BY ip_range';
    const rows = await readRows<{ ip_range: string }>(this.dataSource, sql);
    return rows.map((row) => row.ip_range);
  }

  async replace(ranges: readonly string[], now: number): Promise<void> {
    const places = ranges.map(() => '(?, ?)').join(', ');
    await this.door.transaction(async (manager) => {
      await manager.query('DELETE FROM ip_blocks');
      if (ranges.length === 0) return;
      const values = ranges.flatMap((range) => [range, now]);
      await manager.query(`INSERT INTO ip_blocks (ip_range, created_at) VALUES ${places}`, values);
    });
  }
}
