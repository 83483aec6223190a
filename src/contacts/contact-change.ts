import type { ContactAction, ContactChange, ContactState } from '@rookery/protocol';
import { entryId, type Entry } from '../journal/index.js';

/** Type of the entries that tell a user what changed about his contacts, in his inbox. */
export const CONTACT_ENTRY = 'contact';

/** What the journal keeps of a change; the rest is the entry itself. */
export interface ContactBody extends ContactState {
  change: ContactAction | 'remark';
  by: string;
  message?: string;
  remark?: string;
}

export function toContactChange(entry: Entry): ContactChange {
  const { conversation, seq, time } = entry;
  return { conversation, seq, id: entryId(entry), time, ...(entry.body as ContactBody) };
}
