import type { ChatMessage, ChatReceipt, Events, HistoryEntry, NotificationMessage } from '@rookery/protocol';
import type { OutboxItem } from './outbox-item.js';
import type { RookeryError } from './rookery-error.js';
import type { StateChange } from './state.js';

/** Events of the protocol that are emitted under another name, or not at all. */
export const RENAMED = {
  'chat.message': 'message',
  'notification.message': 'notification',
  'chat.receipt': 'receipt',
  'chat.typing': 'typing',
  'chat.synced': 'synced',
} as const;

/**
 * What a client emits: its own events, and all others of the protocol under the names they have there. Those that are
 * entries of a journal come once and in the order of their conversation; the others may be lost.
 */
export interface ClientEvents extends Omit<Events, keyof typeof RENAMED | 'hello'> {
  /** Every message of the user's conversations, his own ones too, once and in the order of `seq`. */
  message: ChatMessage;
  /** From the server or a service. Stored ones (with `seq`) come once and in order, like messages. */
  notification: NotificationMessage;
  /** Every stored entry, as `history` gives it, also of a type that this version does not know; before its own event. */
  entry: HistoryEntry;
  /** Somebody's cursor moved. May be lost; `sync()` has the cursors. */
  receipt: ChatReceipt;
  /** Let it fade after 5 seconds. */
  typing: Events['chat.typing'];
  /** What was missed has been pushed; live from here. */
  synced: Events['chat.synced'];
  /** What went wrong in the background: for logs. The client goes on by itself, unless the state says otherwise. */
  error: RookeryError;
  stateChange: StateChange;
  /** What waits to be sent has changed: also by what a storage gave back after `connect`. The oldest first. */
  pendingChange: readonly OutboxItem[];
}
