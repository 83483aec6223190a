import type { RowStatement } from '../journal/index.js';
import { hasBlocked, statusOf, type Pair } from './contact-pair.js';

/** The row of one side: made or overwritten, but for the remark, which is his who owns it. */
const PUT = `REPLACE INTO contacts (owner_id, other_id, status, blocked, suspended, message, changed_at, remark)
  SELECT ?, ?, ?, ?, ?, ?, ?, MAX(remark) FROM contacts WHERE owner_id = ? AND other_id = ?`;

const DELETE = 'DELETE FROM contacts WHERE owner_id = ? AND other_id = ?';

const REMARK = 'UPDATE contacts SET remark = ? WHERE owner_id = ? AND other_id = ?';

/** What a pair is in the list of `owner`. */
export function rowOf(
  pair: Pair,
  owner: string,
  other: string,
  { time, message }: { time: number; message?: string },
): RowStatement {
  const status = statusOf(pair, owner);
  const blocked = hasBlocked(pair, owner);
  if (status === 'none' && !blocked) return [DELETE, owner, other];
  const suspended = pair.blockers !== undefined;
  const flags = [Number(blocked), Number(suspended)];
  return [PUT, owner, other, status, ...flags, message ?? null, time, owner, other];
}

/** Empty takes it away. */
export function remarkRow(owner: string, other: string, remark: string): RowStatement {
  return [REMARK, remark || null, owner, other];
}
