import type { ChatMessage, ChatReceipt, Events, NotificationMessage } from '@rookery/protocol';
import type { Change } from './entry.js';
import type { OutboxItem } from './outbox-item.js';
import type { RookeryError } from './rookery-error.js';
import type { StateChange } from './state.js';

/** What a client emits. */
export interface ClientEvents {
  /** Every message of the user's conversations, his own ones too, once and in the order of `seq`. */
  message: ChatMessage;
  /** From the server or a service. Stored ones (with `seq`) come once and in order, like messages. */
  notification: NotificationMessage;
  /** Something else that is stored, in the order of `seq` among the messages; `event` is its name on the wire. */
  change: Change;
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
