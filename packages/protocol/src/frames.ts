import type { ErrorData } from './errors.js';
import type {
  ChatMessage,
  ChatReceipt,
  ConversationState,
  MessageDraft,
  NotificationMessage,
  Position,
  Stored,
} from './messages.js';

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

/** Either the user at the other end of a direct chat, or a conversation id; exactly one of the two. */
export type Target = { to: string; conversation?: never } | { conversation: string; to?: never };

/** Commands: name → what the client sends and what the `ok` answers. */
export interface Commands {
  auth: {
    data: { token: string; device?: string; platform?: string; sync?: SyncMode };
    /** After the `hello`, when it was the first frame. */
    reply: { user: string; expiresAt: number | null };
  };
  ping: { data: undefined; reply: { time: number } };
  'chat.send': {
    /** `clientId` makes a retry free: the same id by the same sender in the same conversation is stored once. */
    data: Target & MessageDraft & { clientId?: string };
    reply: Stored & { duplicate: boolean };
  };
  /** Cumulative: everything up to `seq` is on this device. */
  'chat.delivered': { data: Position; reply: null };
  /** Cumulative: everything up to `seq` was seen by the user; implies delivered. */
  'chat.read': { data: Position; reply: null };
  'chat.history': {
    /** At most one of `before` and `after` (exclusive); neither: the newest. `limit` 1–200, default 50. */
    data: Target & { before?: number; after?: number; limit?: number };
    reply: { conversation: string; head: number; messages: HistoryEntry[]; more: boolean };
  };
  'chat.sync': {
    /** Pages through the caller's conversations, the last moved first. `cursor`: the `next` of the page before. */
    data: { cursor?: string; limit?: number };
    reply: { conversations: ConversationState[]; next: string | null };
  };
  'chat.typing': { data: Target & { active?: boolean }; reply: null };
  /** Tells one user; for administrators. `clientId` makes a retry free. */
  'notification.send': {
    data: { to: string; type: string; content: unknown; clientId?: string };
    reply: Stored & { duplicate: boolean };
  };
  /** Tells everybody; for administrators. `clientId` makes a retry free. */
  'notification.broadcast': {
    data: { type: string; content: unknown; clientId?: string };
    reply: Stored & { duplicate: boolean };
  };
}
export type CommandName = keyof Commands;

/** An entry as `chat.history` gives it: `event` says which event it would have been live. */
export type HistoryEntry =
  | (ChatMessage & { event: 'chat.message' })
  | (NotificationMessage & Stored & { event: 'notification.message' });

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
export interface Events {
  hello: Hello;
  'chat.message': ChatMessage;
  'chat.receipt': ChatReceipt;
  'chat.typing': { conversation: string; from: string; active: boolean };
  /** What was unread at the hello has been pushed; live from here. */
  'chat.synced': { messages: number };
  'notification.message': NotificationMessage;
  /** The token ends soon: send `auth` with a new one. */
  'auth.expiring': { expiresAt: number };
  /** The server will close this connection; reconnect after `retryAfter` seconds. */
  goaway: { reason: string; retryAfter: number };
}
export type EventName = keyof Events;

export type OkFrame<Name extends CommandName = CommandName> = Frame<'ok', Commands[Name]['reply']>;
export type ErrorFrame = Frame<'error', ErrorData>;
export type EventFrame<Name extends EventName = EventName> = Frame<Name, Events[Name]>;
