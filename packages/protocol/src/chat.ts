import type { HistoryEntry } from './frames.js';
import type {
  ChatMessage,
  ChatReceipt,
  ConversationSettings,
  ConversationState,
  MessageDraft,
  Position,
  Stored,
} from './messages.js';

/** Either the user at the other end of a direct chat, or a conversation id; exactly one of the two. */
export type Target = { to: string; conversation?: never } | { conversation: string; to?: never };

/** Commands of conversations. */
export interface ChatCommands {
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
  /** The badge: what is unread in all conversations that are not muted. */
  'chat.unread': {
    data: Record<string, never>;
    /** `messages` counts like `unread` of a conversation; `conversations` that have any. */
    reply: { messages: number; mentions: number; conversations: number };
  };
  'chat.mentions': {
    /** Messages that mention the caller, or all, the newest first. `limit` 1–200, default 50. */
    data: { cursor?: string; limit?: number };
    reply: { messages: HistoryEntry[]; next: string | null };
  };
  /** Changes what is given and keeps the rest; the answer is all of it. The user's other devices are told. */
  'chat.settings': {
    data: { conversation: string; mutedUntil?: number | null; pinned?: boolean; archived?: boolean };
    reply: ConversationSettings;
  };
  'chat.readers': {
    /** Who has read an entry of a group. `limit` 1–200, default 50. */
    data: Position & { cursor?: string; limit?: number };
    reply: { count: number; readers: { user: string; read: number }[]; next: string | null };
  };
  'chat.typing': { data: Target & { active?: boolean }; reply: null };
  /** To everybody who is connected, the caller too; stored nowhere. */
  'chat.broadcast': { data: BroadcastDraft; reply: null };
}

/** What is said to everybody. */
export type BroadcastDraft = Pick<MessageDraft, 'content' | 'meta'> & { kind: 'text' | 'custom' };

/** Events of conversations. */
export interface ChatEvents {
  'chat.message': ChatMessage;
  'chat.receipt': ChatReceipt;
  /** Changed by another device of the same user. */
  'chat.settings': ConversationSettings;
  'chat.typing': { conversation: string; from: string; active: boolean };
  /** `time` in milliseconds since the epoch. */
  'chat.broadcast': BroadcastDraft & { from: string; time: number };
  /** What was unread at the hello has been pushed; live from here. */
  'chat.synced': { messages: number };
}
