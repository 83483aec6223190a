import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WriteDoor, translateDatabaseError } from '../database/index.js';

/** What administrators have blocked. */
@Injectable()
export class IpBlockRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  async all(): Promise<string[]> {
    try {
      const sql = 'SELECT ip_range FROM ip_blocks ORDER BY ip_range';
      const rows: { ip_range: string }[] = await this.dataSource.query(sql);
      return rows.map((row) => row.ip_range);
    } catch (error) {
      throw translateDatabaseError(error);
    }
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
