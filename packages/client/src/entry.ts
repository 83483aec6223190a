import type { ChatMessage, HistoryEntry, NotificationMessage, Stored } from '@rookery/protocol';

/** A stored entry, as the event it is. */
export type Entry =
  { event: 'message'; data: ChatMessage } | { event: 'notification'; data: NotificationMessage & Stored };

/** An entry of a history, as it would have come live. */
export function entryOf({ event, ...data }: HistoryEntry): Entry {
  if (event === 'chat.message') return { event: 'message', data: data as ChatMessage };
  return { event: 'notification', data: data as NotificationMessage & Stored };
}
