import type { ReactionSummary } from './message-actions.js';

/** What a chat message carries. `custom` takes any JSON value; the others are checked. */
export const MessageKind = {
  Text: 'text',
  Image: 'image',
  File: 'file',
  Voice: 'voice',
  Custom: 'custom',
} as const;
export type MessageKind = (typeof MessageKind)[keyof typeof MessageKind];

/** Content of `image`, `file` and `voice`: a reference, never the bytes. */
export interface MediaContent {
  /** Where it is: an absolute http(s) URL or a path on this server. */
  url: string;
  name?: string;
  /** Media type, e.g. `image/png`. */
  mime?: string;
  /** Bytes. */
  size?: number;
  /** Pixels. */
  width?: number;
  height?: number;
  /** Milliseconds of sound. */
  duration?: number;
}

/** At most 32 fields of any JSON, together at most 4,096 bytes. */
export type MessageMeta = Record<string, unknown>;

/** The part of a message that its sender wrote. */
export interface MessageDraft {
  kind: MessageKind;
  /** A string for `text`, {@link MediaContent} for media, any JSON for `custom`. */
  content: unknown;
  /** Sequence number, in the same conversation, of the message this one answers. */
  replyTo?: number;
  /** User ids. */
  mentions?: string[];
  /** Names everybody in a group. */
  mentionAll?: boolean;
  /** What the sender's client adds for others of its kind; handed on as it is, never looked into. */
  meta?: MessageMeta;
}

/** Position of an entry: gapless per conversation, from 1, the same for everybody. */
export interface Position {
  conversation: string;
  seq: number;
}

/** A stored entry's place and time. `id` is `<conversation>#<seq>`, unique in the installation. */
export interface Stored extends Position {
  id: string;
  /** Milliseconds since the epoch, by the server's clock at the commit. Order by `seq`, never by this. */
  time: number;
}

/** `chat.message`: one message, in the order of `seq` within its conversation, as it is at the moment. */
export interface ChatMessage extends Stored, MessageDraft {
  from: string;
  /** The other party of a direct chat, seen from the sender. Absent in groups. */
  to?: string;
  clientId?: string;
  /** It is a copy: who wrote the original, and when (milliseconds since the epoch). */
  forwardedFrom?: { from: string; time: number };
  /** When its content was last changed, milliseconds since the epoch. */
  editedAt?: number;
  /** `content` is gone for good, and null. */
  recalled?: true;
  recalledBy?: string;
  /** Milliseconds since the epoch. */
  recalledAt?: number;
  pinned?: true;
  /** In histories, where there are any; in the order of their first use. */
  reactions?: ReactionSummary[];
}

/** `notification.message`: from the server or a service. Without `conversation` and `seq` it was ephemeral. */
export interface NotificationMessage extends Partial<Stored> {
  /** Free name chosen by the publisher, e.g. `order_status`. */
  type: string;
  /** In the user's language, where there are several. */
  content: unknown;
  time: number;
  /** How much it matters; absent: `normal`. */
  priority?: NotificationPriority;
  /** Milliseconds since the epoch; it is not shown from then on. Absent: never. */
  expiresAt?: number;
  /** BCP 47, in lower case: the language of `content`; absent: the default one. */
  locale?: string;
}

/** How much a notification matters. */
export const NotificationPriority = { Low: 'low', Normal: 'normal', High: 'high' } as const;
export type NotificationPriority = (typeof NotificationPriority)[keyof typeof NotificationPriority];

/** `chat.receipt`: a member's cursor moved. Cumulative: everything up to `seq`. */
export interface ChatReceipt extends Position {
  user: string;
  kind: 'delivered' | 'read';
}

/** How a user wants to have one conversation: his own affair, the same on all his devices. */
export interface ConversationSettings {
  conversation: string;
  /** Until then nothing of it disturbs; milliseconds since the epoch, null: not muted. */
  mutedUntil: number | null;
  pinned: boolean;
  archived: boolean;
}

/** One conversation in a `chat.sync` answer. */
export interface ConversationState {
  conversation: string;
  kind: 'direct' | 'group' | 'inbox' | 'broadcast';
  /** The other party, in a direct chat. */
  peer?: string;
  /** Of a group; for who is no member any more, as it was called when he left. */
  name?: string;
  /** In a group that the caller is a member of. */
  role?: 'owner' | 'admin' | 'member';
  /** The caller is not a member any more: `head` is the last entry that is for him. */
  left?: true;
  /** Last sequence number; 0 when empty. */
  head: number;
  /** Own cursors. */
  delivered: number;
  read: number;
  /** The peer's cursors, in a direct chat. */
  peerDelivered?: number;
  peerRead?: number;
  /** Entries by others above the read mark that count: messages and notifications. 1000 means so many or more. */
  unread: number;
  /** Entries above the read mark that mention the caller, or all. */
  mentions: number;
  /** The caller's own settings, where they are not the default. Milliseconds since the epoch, in the future. */
  mutedUntil?: number;
  pinned?: boolean;
  archived?: boolean;
  /** When it last moved, milliseconds since the epoch. */
  time: number;
}
