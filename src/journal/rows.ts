import type { Entry, Stay } from './journal.types.js';
import { parsedStays } from './stays.js';

/** A row of `entries`, as {@link ENTRY_COLUMNS} names its columns. */
export interface EntryRow extends Omit<Entry, 'body' | 'device'> {
  body: string;
  device: string | null;
}

/** `e` is the table's alias. */
export const ENTRY_COLUMNS = `e.conversation_id AS conversation, e.seq AS seq, e.type AS type, e.sender_id AS sender,
  e.device_id AS device, e.client_id AS clientId, e.body AS body, e.created_at AS time`;

/** A relation; `m` is the table's alias. */
export const MEMBER_COLUMNS = `m.joined_seq AS joined, m.left_seq AS \`left\`, m.delivered_seq AS delivered,
    m.read_seq AS \`read\`, m.role AS role, m.attributes AS attributes, m.earlier_stays AS stays`;

export const entryFromRow = ({ body, device, ...row }: EntryRow): Entry => ({
  ...row,
  ...(device !== null && { device }),
  body: JSON.parse(body),
});

/** JSON columns of a row, parsed. */
export const withJson = <Key extends string, Row extends Record<Key, unknown>>(
  row: Row,
  ...columns: Key[]
): Row => {
  for (const column of columns)
    row[column] = (typeof row[column] === 'string' ? JSON.parse(row[column]) : null) as Row[Key];
  return row;
};

/** Earlier stays of a row, for whom there are any. */
export const withStays = <Row extends object>(
  row: Row & { stays: string | null },
): Row & { earlier?: Stay[] } => {
  const { stays, ...rest } = row;
  const plain = rest as unknown as Row & { earlier?: Stay[] };
  if (stays !== null) plain.earlier = parsedStays(stays);
  return plain;
};
