import type { CallCommands, CallEvents, CallRecord } from './calls.js';
import type { ErrorData } from './errors.js';
import type { ChatCommands, ChatEvents } from './chat.js';
import type { ContactChange, ContactCommands, ContactEvents } from './contacts.js';
import type { GroupChange, GroupCommands, GroupEvents, GroupInvitation } from './groups.js';
import type { MessageActionCommands, MessageActionEvents } from './message-actions.js';
import type { ChatMessage, NotificationMessage, Stored } from './messages.js';
import type {
  NotificationChange,
  NotificationCommands,
  NotificationEvents,
  NotificationWithdrawal,
} from './notifications.js';
import type { PresenceCommands, PresenceEvents } from './presence.js';
import type { SearchCommands } from './search.js';
import type { PushCommands } from './push.js';

/** Version of this protocol; the sub-protocol name is `rookery.v1`. */
export const PROTOCOL_VERSION = 1;

/** Offered by clients in `Sec-WebSocket-Protocol` and chosen by the server. */
export const SUBPROTOCOL = 'rookery.v1';

/** A browser cannot set headers: it offers `bearer.<token>` as a second sub-protocol; it is never echoed. */
export const BEARER_SUBPROTOCOL_PREFIX = 'bearer.';

/** Every frame, both ways: JSON text. `id` is the client's, echoed in the reply. Without one a command whose reply is null is answered only when it fails. */
export interface Frame<Type extends string = string, Data = unknown> {
  type: Type;
  id?: string | number;
  data?: Data;
}

/** How a connection learns what it missed: the server pushes what is unread, or the client asks with `chat.sync`. */
export type SyncMode = 'push' | 'self';

/** Commands: name → what the client sends and what the `ok` answers. */
export interface Commands
  extends
    CallCommands,
    ChatCommands,
    ContactCommands,
    GroupCommands,
    MessageActionCommands,
    NotificationCommands,
    PresenceCommands,
    PushCommands,
    SearchCommands {
  auth: {
    data: { token: string; device?: string; platform?: string; sync?: SyncMode };
    /** After the `hello`, when it was the first frame. */
    reply: { user: string; expiresAt: number | null };
  };
  ping: { data: undefined; reply: { time: number } };
}
export type CommandName = keyof Commands;

/** Events that are entries of a journal: pushed, caught up and in histories. */
export interface DurableEvents extends MessageActionEvents {
  'chat.message': ChatMessage;
  'group.changed': GroupChange;
  'group.invited': GroupInvitation;
  'notification.message': NotificationMessage & Stored;
  'contact.changed': ContactChange;
  'notification.changed': NotificationChange;
  'notification.withdrawn': NotificationWithdrawal;
  'chat.call': CallRecord;
}

/** An entry as `chat.history` gives it: `event` says which event it would have been live. */
export type HistoryEntry = {
  [Name in keyof DurableEvents]: DurableEvents[Name] & { event: Name };
}[keyof DurableEvents];

/** First frame after authentication. */
export interface Hello {
  protocol: number;
  user: string;
  device: string;
  connection: string;
  sync: SyncMode;
  /** Milliseconds since the epoch. */
  serverTime: number;
  /** Milliseconds since the epoch; null: the token has no expiry. */
  expiresAt: number | null;
  /** Seconds. */
  heartbeat: { interval: number; timeout: number };
  limits: {
    /** Bytes of one frame. */
    maxMessageSize: number;
    /** Nesting of a frame. */
    maxDepth: number;
    /** Commands per second on this connection. */
    commandsPerSecond: number;
  };
}

/** Events: name → what the server pushes. */
export interface Events
  extends
    CallEvents,
    ChatEvents,
    ContactEvents,
    GroupEvents,
    MessageActionEvents,
    NotificationEvents,
    PresenceEvents {
  hello: Hello;
  /** The token ends soon: send `auth` with a new one. */
  'auth.expiring': { expiresAt: number };
  /** The server will close this connection; reconnect after `retryAfter` seconds. */
  goaway: { reason: string; retryAfter: number };
}
export type EventName = keyof Events;

export type OkFrame<Name extends CommandName = CommandName> = Frame<'ok', Commands[Name]['reply']>;
export type ErrorFrame = Frame<'error', ErrorData>;
export type EventFrame<Name extends EventName = EventName> = Frame<Name, Events[Name]>;
