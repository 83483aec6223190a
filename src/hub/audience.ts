import { parseConversationId } from '../journal/index.js';

/** Whom an entry of a conversation is for. */
export type Audience = 'everyone' | readonly string[];

/** Read off the id: no look-up on the way of a message. */
export function audienceOf(conversation: string): Audience {
  const address = parseConversationId(conversation);
  if (address?.kind === 'broadcast') return 'everyone';
  if (address?.kind === 'direct' && address.members[0] === address.members[1]) return [address.members[0]];
  return address && 'members' in address ? address.members : [];
}
