import { isDeepStrictEqual } from 'node:util';
import type { ChatMessage, MessageDraft, Position } from '@rookery/protocol';
import { entryId, parseConversationId, type AppendRequest, type Entry } from '../journal/index.js';

/** Type of the journal entries that are chat messages. */
export const MESSAGE_ENTRY = 'message';

/** What the journal keeps of a message; the rest is the entry itself. */
export interface MessageBody extends MessageDraft {
  forwarded?: Forwarded;
  /** What became of it since it was sent; absent: nothing. */
  now?: MessageNow;
}

/** Where a forwarded message comes from. */
export interface Forwarded {
  /** What everybody may know: its writer, and its time in milliseconds since the epoch. */
  from: string;
  time: number;
  /** Nobody's business but the sender's: knows a repetition. */
  source: Position;
}

export interface MessageNow {
  /** Milliseconds since the epoch, and the entry that says so. */
  edited?: { at: number; seq: number };
  /** The content is gone. */
  recalled?: { at: number; by: string };
  pinned?: true;
  /** Somebody has reacted, once at least. */
  reactions?: true;
}

export function toChatMessage(entry: Entry): ChatMessage {
  const { conversation, seq, sender, clientId, time } = entry;
  const { kind, content, replyTo, mentions, mentionAll, meta, forwarded, now } = entry.body as MessageBody;
  const to = peerIn(conversation, sender);
  const message: ChatMessage = {
    conversation,
    seq,
    id: entryId(entry),
    time,
    from: sender,
    ...(to !== undefined && { to }),
    kind,
    content,
    ...(replyTo !== undefined && { replyTo }),
    ...(mentions && { mentions }),
    ...(mentionAll && { mentionAll }),
    ...(meta && { meta }),
    clientId,
  };
  if (forwarded) message.forwardedFrom = { from: forwarded.from, time: forwarded.time };
  if (now) showNow(message, now);
  return message;
}

function showNow(message: ChatMessage, { edited, recalled, pinned }: MessageNow): void {
  if (edited) message.editedAt = edited.at;
  if (pinned) message.pinned = true;
  if (!recalled) return;
  message.recalled = true;
  message.recalledBy = recalled.by;
  message.recalledAt = recalled.at;
}

/** Whether a message was made by this very request, although it may have changed since. */
export function isRepeatedMessage(stored: Entry, request: AppendRequest): boolean {
  const { now, forwarded, ...draft } = stored.body as MessageBody;
  const asked = request.body as MessageBody;
  if (forwarded || asked.forwarded) return isDeepStrictEqual(forwarded?.source, asked.forwarded?.source);
  if (now?.recalled || now?.edited) return true;
  return isDeepStrictEqual(draft, JSON.parse(JSON.stringify(asked)));
}

/** The other party of a direct chat, seen from `user`; himself in the chat with himself. */
export function peerIn(conversation: string, user: string): string | undefined {
  const address = parseConversationId(conversation);
  if (address?.kind !== 'direct') return undefined;
  return address.members[0] === user ? address.members[1] : address.members[0];
}
