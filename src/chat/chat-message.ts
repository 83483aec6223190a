import type { ChatMessage, MessageDraft } from '@rookery/protocol';
import { entryId, parseConversationId, type Entry } from '../journal/index.js';

/** Type of the journal entries that are chat messages. */
export const MESSAGE_ENTRY = 'message';

/** What the journal keeps of a message; the rest is the entry itself. */
export type MessageBody = MessageDraft;

export function toChatMessage(entry: Entry): ChatMessage {
  const { conversation, seq, sender, clientId, time } = entry;
  const { kind, content, replyTo, mentions, mentionAll } = entry.body as MessageBody;
  const to = peerIn(conversation, sender);
  return {
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
    clientId,
  };
}

/** The other party of a direct chat, seen from `user`; himself in the chat with himself. */
export function peerIn(conversation: string, user: string): string | undefined {
  const address = parseConversationId(conversation);
  if (address?.kind !== 'direct') return undefined;
  return address.members[0] === user ? address.members[1] : address.members[0];
}
