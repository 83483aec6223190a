import type { BatchChanges } from './batch-facts.js';
import type { Statement } from './mysql-statements.js';

const ENTRIES =
  'INSERT INTO entries (conversation_id, seq, type, sender_id, device_id, client_id, body, created_at) VALUES ?';

const CONVERSATIONS = `INSERT INTO conversations (id, kind, head_seq, moved_at, created_at) VALUES ?
  ON DUPLICATE KEY UPDATE head_seq = VALUES(head_seq), moved_at = GREATEST(moved_at, VALUES(moved_at))`;

/** New members, and cursors of old ones: a row that is there only ever goes up. */
const MEMBERS = `INSERT INTO members
  (user_id, conversation_id, joined_seq, delivered_seq, read_seq, joined_at) VALUES ?
  ON DUPLICATE KEY UPDATE delivered_seq = GREATEST(delivered_seq, VALUES(delivered_seq)),
    read_seq = GREATEST(read_seq, VALUES(read_seq))`;

const BODY = 'UPDATE entries SET body = ? WHERE conversation_id = ? AND seq = ?';

const STATE = 'UPDATE conversations SET state = ? WHERE id = ?';

const RELATIONS = `INSERT INTO members
  (user_id, conversation_id, joined_seq, left_seq, delivered_seq, read_seq, role, attributes, earlier_stays, joined_at)
  VALUES ?
  ON DUPLICATE KEY UPDATE joined_seq = VALUES(joined_seq), left_seq = VALUES(left_seq),
    delivered_seq = GREATEST(delivered_seq, VALUES(delivered_seq)), read_seq = GREATEST(read_seq, VALUES(read_seq)),
    role = VALUES(role), attributes = VALUES(attributes), earlier_stays = VALUES(earlier_stays)`;

const DEVICES = `INSERT INTO device_cursors (user_id, device_id, conversation_id, delivered_seq) VALUES ?
  ON DUPLICATE KEY UPDATE delivered_seq = GREATEST(delivered_seq, VALUES(delivered_seq))`;

/** Everything a batch writes, and its COMMIT. */
export function statementsOf(changes: BatchChanges, now: number): Statement[] {
  const { entries, bodies, replaced, conversations, states, members, relations, cursors, devices, rows } =
    changes;
  return [
    ...insert(
      ENTRIES,
      entries.map((e, index) => [
        e.conversation,
        e.seq,
        e.type,
        e.sender,
        e.device ?? null,
        e.clientId,
        bodies[index],
        e.time,
      ]),
    ),
    ...replaced.map(({ conversation, seq, body }): Statement => [BODY, body, conversation, seq]),
    ...insert(
      CONVERSATIONS,
      conversations.map(({ id, kind, head }) => [id, kind, head, now, now]),
    ),
    ...insert(
      MEMBERS,
      members.map(({ user, conversation, joined }) => [user, conversation, joined, joined, joined, now]),
    ),
    ...states.map(({ id, state }): Statement => [STATE, state, id]),
    ...insert(
      RELATIONS,
      relations.map((r) => [
        r.user,
        r.conversation,
        r.joined,
        r.left,
        r.delivered,
        r.read,
        r.role,
        r.attributes,
        r.stays,
        now,
      ]),
    ),
    ...insert(
      MEMBERS,
      cursors.map(({ user, conversation, delivered, read }) => [user, conversation, 0, delivered, read, now]),
    ),
    ...insert(
      DEVICES,
      devices.map(({ user, device, conversation, delivered }) => [user, device, conversation, delivered]),
    ),
    ...rows,
    ['COMMIT'],
  ];
}

const insert = (sql: string, rows: unknown[][]): Statement[] => (rows.length === 0 ? [] : [[sql, rows]]);
