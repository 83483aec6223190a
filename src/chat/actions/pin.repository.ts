import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { readRows } from '../../database/index.js';

/** A pin and the message that it is on. */
export interface PinRow {
  seq: number;
  user: string;
  time: number;
}

/** What is pinned; the rows are written with the entries. */
@Injectable()
export class PinRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** Pins on the messages above `after` and below `before`, the last message first. */
  async list(
    conversation: string,
    range: { after: number; before: number; limit: number },
  ): Promise<PinRow[]> {
    const sql = `SELECT seq, user_id AS user, pinned_at AS time FROM message_pins
      WHERE conversation_id = ? AND seq > ? AND seq < ? ORDER BY seq DESC LIMIT ?`;
    const { after, before, limit } = range;
    const rows = await readRows<PinRow>(this.dataSource, sql, [conversation, after, before, limit]);
    return rows.map(({ seq, user, time }) => ({ seq: Number(seq), user, time: Number(time) }));
  }
}
