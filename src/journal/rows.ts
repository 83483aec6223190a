import type { Entry } from './journal.types.js';

/** A row of `entries`, as {@link ENTRY_COLUMNS} names its columns. */
export interface EntryRow extends Omit<Entry, 'body'> {
  body: string;
}

/** `e` is the table's alias. */
export const ENTRY_COLUMNS = `e.conversation_id AS conversation, e.seq AS seq, e.type AS type, e.sender_id AS sender,
  e.client_id AS clientId, e.body AS body, e.created_at AS time`;

export const entryFromRow = ({ body, ...row }: EntryRow): Entry => ({ ...row, body: JSON.parse(body) });
