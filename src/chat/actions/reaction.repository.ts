import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { ReactionSummary } from '@rookery/protocol';
import { readRows } from '../../database/index.js';

/** All numbers as the databases give them: MySQL gives sums as texts. */
interface SummaryRow {
  seq: number | string;
  emoji: string;
  count: number | string;
  mine: number | string;
}

/** Who reacted how; the rows are written with the entries. */
@Injectable()
export class ReactionRepository {
  constructor(private readonly dataSource: DataSource) {}

  /** By sequence number, where there are any, in the order of their first use. One query. */
  async summaries(
    user: string,
    conversation: string,
    seqs: readonly number[],
  ): Promise<Map<number, ReactionSummary[]>> {
    const list = seqs.map(() => '?').join();
    const sql = `SELECT seq, emoji, COUNT(*) AS count, SUM(CASE WHEN user_id = ? THEN 1 ELSE 0 END) AS mine
      FROM message_reactions WHERE conversation_id = ? AND seq IN (${list})
      GROUP BY seq, emoji ORDER BY seq, MIN(reacted_at), emoji`;
    const rows = await readRows<SummaryRow>(this.dataSource, sql, [user, conversation, ...seqs]);
    const found = new Map<number, ReactionSummary[]>();
    for (const { seq, emoji, count, mine } of rows) {
      const summaries = found.get(Number(seq)) ?? [];
      summaries.push({ emoji, count: Number(count), mine: Number(mine) > 0 });
      found.set(Number(seq), summaries);
    }
    return found;
  }
}
