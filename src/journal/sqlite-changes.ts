import type { StatementCache } from '../database/index.js';
import type { BatchChanges } from './batch-facts.js';

/** Rows per INSERT: few statements to keep prepared, few calls into native code. */
const ROWS_PER_INSERT = 32;

const MEMBER_COLUMNS = 'user_id, conversation_id, joined_seq, delivered_seq, read_seq, joined_at';

const CONVERSATION = `INSERT INTO conversations (id, kind, head_seq, moved_at, created_at) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT (id) DO UPDATE SET head_seq = excluded.head_seq, moved_at = MAX(moved_at, excluded.moved_at)`;

const MEMBER = `INSERT INTO members (${MEMBER_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?)
  ON CONFLICT (user_id, conversation_id) DO NOTHING`;

const CURSOR = `UPDATE members SET delivered_seq = MAX(delivered_seq, ?), read_seq = MAX(read_seq, ?)
  WHERE user_id = ? AND conversation_id = ?`;

const BODY = 'UPDATE entries SET body = ? WHERE conversation_id = ? AND seq = ?';

const STATE = 'UPDATE conversations SET state = ? WHERE id = ?';

const RELATION = `INSERT INTO members
    (user_id, conversation_id, joined_seq, left_seq, delivered_seq, read_seq, role, attributes, earlier_stays, joined_at)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
  ON CONFLICT (user_id, conversation_id) DO UPDATE SET joined_seq = excluded.joined_seq, left_seq = excluded.left_seq,
    delivered_seq = MAX(delivered_seq, excluded.delivered_seq), read_seq = MAX(read_seq, excluded.read_seq),
    role = excluded.role, attributes = excluded.attributes, earlier_stays = excluded.earlier_stays`;

const DEVICE = `INSERT INTO device_cursors (user_id, device_id, conversation_id, delivered_seq) VALUES (?, ?, ?, ?)
  ON CONFLICT (user_id, device_id, conversation_id)
  DO UPDATE SET delivered_seq = MAX(delivered_seq, excluded.delivered_seq)`;

export function writeChanges(statements: StatementCache, changes: BatchChanges, now: number): void {
  insertEntries(statements, changes);
  for (const { conversation, seq, body } of changes.replaced)
    statements.get(BODY).run(body, conversation, seq);
  for (const { id, kind, head } of changes.conversations)
    statements.get(CONVERSATION).run(id, kind, head, now, now);
  for (const { user, conversation, joined } of changes.members)
    statements.get(MEMBER).run(user, conversation, joined, joined, joined, now);
  for (const { id, state } of changes.states) statements.get(STATE).run(state, id);
  for (const {
    user,
    conversation,
    joined,
    left,
    delivered,
    read,
    role,
    attributes,
    stays,
  } of changes.relations)
    statements
      .get(RELATION)
      .run(user, conversation, joined, left, delivered, read, role, attributes, stays, now);
  for (const { user, conversation, delivered, read } of changes.cursors)
    statements.get(CURSOR).run(delivered, read, user, conversation);
  for (const { user, device, conversation, delivered } of changes.devices)
    statements.get(DEVICE).run(user, device, conversation, delivered);
  for (const [sql, ...values] of changes.rows) statements.get(sql).run(values);
}

function insertEntries(statements: StatementCache, { entries, bodies }: BatchChanges): void {
  for (let first = 0; first < entries.length; first += ROWS_PER_INSERT) {
    const rows = entries.slice(first, first + ROWS_PER_INSERT);
    const values: unknown[] = [];
    for (const [index, { conversation, seq, type, sender, device, clientId, time }] of rows.entries())
      values.push(conversation, seq, type, sender, device ?? null, clientId, bodies[first + index], time);
    statements.get(insertOf(rows.length)).run(values);
  }
}

/** By the number of rows: a long text made anew each time would also have to be hashed anew. */
const inserts = new Map<number, string>();

function insertOf(rows: number): string {
  const known = inserts.get(rows);
  if (known !== undefined) return known;
  const row = '(?, ?, ?, ?, ?, ?, ?, ?)';
  const sql = `INSERT INTO entries (conversation_id, seq, type, sender_id, device_id, client_id, body, created_at)
    VALUES ${Array(rows).fill(row).join()}`;
  inserts.set(rows, sql);
  return sql;
}
