import { parseConversationId } from '../journal/index.js';

/** Whom an entry of a conversation is for; `members`: the id does not say. */
export type Audience = 'everyone' | 'members' | readonly string[];

/** Read off the id: no look-up on the way of a message. */
export function audienceOf(conversation: string): Audience {
  const address = parseConversationId(conversation);
  if (address?.kind === 'broadcast') return 'everyone';
  if (address?.kind === 'direct' && address.members[0] === address.members[1]) return [address.members[0]];
  if (address?.kind === 'group') return 'members';
  return address ? address.members : [];
}
