import type { Entry } from './journal.types.js';

/** A row of `entries`, as {@link ENTRY_COLUMNS} names its columns. */
export interface EntryRow extends Omit<Entry, 'body' | 'device'> {
  body: string;
  device: string | null;
}

/** `e` is the table's alias. */
export const ENTRY_COLUMNS = `e.conversation_id AS conversation, e.seq AS seq, e.type AS type, e.sender_id AS sender,
  e.device_id AS device, e.client_id AS clientId, e.body AS body, e.created_at AS time`;

export const entryFromRow = ({ body, device, ...row }: EntryRow): Entry => ({
  ...row,
  ...(device !== null && { device }),
  body: JSON.parse(body),
});
