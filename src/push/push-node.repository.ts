import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { WriteDoor, readRows } from '../database/index.js';

export interface PushNode {
  id: string;
  position: number;
  seenAt: number;
}

/** Which servers tell devices, and how far each has looked through what it stored. */
@Injectable()
export class PushNodeRepository {
  constructor(
    private readonly dataSource: DataSource,
    private readonly door: WriteDoor,
  ) {}

  /** Whether this process is the only one that can write: then whoever else is listed is dead. */
  get isAlone(): boolean {
    return this.dataSource.options.type === 'better-sqlite3';
  }

  async all(): Promise<PushNode[]> {
    const rows: PushNode[] = await this.select(
      'SELECT id, position, seen_at AS seenAt FROM push_nodes ORDER BY id',
      [],
    );
    return rows.map(({ id, position, seenAt }) => ({
      id,
      position: Number(position),
      seenAt: Number(seenAt),
    }));
  }

  async save({ id, position, seenAt }: PushNode): Promise<void> {
    await this.door.transaction((manager) =>
      manager.query('REPLACE INTO push_nodes (id, position, seen_at) VALUES (?, ?, ?)', [
        id,
        position,
        seenAt,
      ]),
    );
  }

  async remove(id: string): Promise<void> {
    await this.door.transaction((manager) => manager.query('DELETE FROM push_nodes WHERE id = ?', [id]));
  }

  /** Conversations that moved since a time, in milliseconds since the epoch, `limit` at a time in the order of their ids. */
  async movedSince(time: number, after: string, limit: number): Promise<string[]> {
    const sql = 'SELECT id FROM conversations WHERE moved_at >= ? AND id > ? ORDER BY id LIMIT ?';
    const rows: { id: string }[] = await this.select(sql, [time, after, limit]);
    return rows.map(({ id }) => id);
  }

  private select<T>(sql: string, values: readonly unknown[]): Promise<T[]> {
    return readRows<T>(this.dataSource, sql, values);
  }
}
