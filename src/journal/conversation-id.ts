/** What a conversation is, readable from its id, so that the message path needs no look-up to know its audience. */
export type ConversationKind = 'direct' | 'group' | 'inbox' | 'broadcast';

export type ConversationAddress =
  | { kind: 'direct'; members: readonly [string, string] }
  | { kind: 'inbox'; members: readonly [string] }
  | { kind: 'broadcast' }
  | { kind: 'group' };

/** The conversation that every user reads; it exists from the first migration on. */
export const BROADCAST_CONVERSATION = 'broadcast:all';

/** Longest id a conversation may have, in characters; the width of the column. */
export const MAX_CONVERSATION_ID_LENGTH = 255;

/** Longest user id, counted after `:` and `%` are escaped; two of them and a prefix fit in a conversation id. */
export const MAX_USER_ID_LENGTH = 120;

const DIRECT_PREFIX = 'dm:';
const INBOX_PREFIX = 'inbox:';

/** No control, format or surrogate characters, no separators but a plain space, and no space at either end. */
const USER_ID_PATTERN = /^(?! )(?:[^\p{Cc}\p{Cf}\p{Cs}\p{Z}]| (?!$))+$/u;

const escapePart = (userId: string): string => userId.replace(/[%:]/g, (char) => (char === '%' ? '%25' : '%3A'));
const unescapePart = (part: string): string => part.replace(/%(25|3A)/g, (_, hex) => (hex === '25' ? '%' : ':'));

export function isUserId(value: string): boolean {
  return value.length <= MAX_USER_ID_LENGTH && escapePart(value).length <= MAX_USER_ID_LENGTH && USER_ID_PATTERN.test(value);
}

/** The one direct conversation of two users (or of a user with himself), whoever asks first. */
export function directConversation(a: string, b: string): string {
  const [first, second] = a < b ? [a, b] : [b, a];
  return `${DIRECT_PREFIX}${escapePart(first)}:${escapePart(second)}`;
}

export function inboxConversation(userId: string): string {
  return INBOX_PREFIX + escapePart(userId);
}

/** Reads an id back. Anything without a known prefix is a group; a malformed or non-canonical id is undefined. */
export function parseConversationId(id: string): ConversationAddress | undefined {
  if (id === BROADCAST_CONVERSATION) return { kind: 'broadcast' };
  if (id.startsWith(DIRECT_PREFIX)) {
    const [a, b, ...rest] = id.slice(DIRECT_PREFIX.length).split(':').map(unescapePart);
    if (a === undefined || b === undefined || rest.length > 0 || directConversation(a, b) !== id) return undefined;
    return isUserId(a) && isUserId(b) ? { kind: 'direct', members: [a, b] } : undefined;
  }
  if (id.startsWith(INBOX_PREFIX)) {
    const user = unescapePart(id.slice(INBOX_PREFIX.length));
    return isUserId(user) && inboxConversation(user) === id ? { kind: 'inbox', members: [user] } : undefined;
  }
  return id.length > 0 && id.length <= MAX_CONVERSATION_ID_LENGTH && !id.includes(':') ? { kind: 'group' } : undefined;
}
