import type { NotificationMessage, Stored } from '@rookery/protocol';
import { entryId, type Entry } from '../journal/index.js';

/** Type of the journal entries that are notifications. */
export const NOTIFICATION_ENTRY = 'notification';

/** What the journal keeps of a notification. */
export interface NotificationBody {
  type: string;
  content: unknown;
}

export function toNotificationMessage(entry: Entry): NotificationMessage & Stored {
  const { conversation, seq, time } = entry;
  const { type, content } = entry.body as NotificationBody;
  return { conversation, seq, id: entryId(entry), time, type, content };
}
