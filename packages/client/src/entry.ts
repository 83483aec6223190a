import type { ChatMessage, HistoryEntry, NotificationMessage, Stored } from '@rookery/protocol';

/** A stored entry, as the event it is. */
export type Entry =
  | { event: 'message'; data: ChatMessage }
  | { event: 'notification'; data: NotificationMessage & Stored }
  | { event: 'change'; data: Change };

/** Any other stored event, under its name on the wire: see the table of events in docs/protocol.md. */
export type Change = Stored & { event: string };

/** An entry of a history, as it would have come live. */
export function entryOf({ event, ...data }: HistoryEntry): Entry {
  if (event === 'chat.message') return { event: 'message', data: data as ChatMessage };
  if (event === 'notification.message')
    return { event: 'notification', data: data as NotificationMessage & Stored };
  return { event: 'change', data: { ...data, event } as Change };
}
