import type { Bounded } from './recently-used.js';
import { escapeUserId, isUserId } from '../common/user-id.js';

export { isUserId, MAX_USER_ID_LENGTH } from '../common/user-id.js';

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

const DIRECT_PREFIX = 'dm:';
const INBOX_PREFIX = 'inbox:';

const unescapePart = (part: string): string =>
  part.replace(/%(25|3A)/g, (_, hex) => (hex === '25' ? '%' : ':'));

/** The one direct conversation of two users (or of a user with himself), whoever asks first. */
export function directConversation(a: string, b: string): string {
  const [first, second] = a < b ? [a, b] : [b, a];
  return `${DIRECT_PREFIX}${escapeUserId(first)}:${escapeUserId(second)}`;
}

export function inboxConversation(userId: string): string {
  return INBOX_PREFIX + escapeUserId(userId);
}

/** Ids are parsed several times on the way of a message, and those of a busy conversation again and again. */
const PARSED_LIMIT = 20_000;
const parsed = new Map<string, ConversationAddress>();

export const parsedConversationIds: Bounded = {
  capacity: PARSED_LIMIT,
  get size() {
    return parsed.size;
  },
};

/** Reads an id back. Anything without a known prefix is a group; a malformed or non-canonical id is undefined. */
export function parseConversationId(id: string): ConversationAddress | undefined {
  const known = parsed.get(id);
  if (known) return known;
  const address = parse(id);
  if (!address) return undefined;
  if (parsed.size >= PARSED_LIMIT) parsed.clear();
  parsed.set(id, address);
  return address;
}

function parse(id: string): ConversationAddress | undefined {
  if (id.length > MAX_CONVERSATION_ID_LENGTH) return undefined;
  if (id === BROADCAST_CONVERSATION) return { kind: 'broadcast' };
  if (id.startsWith(DIRECT_PREFIX)) return parseDirect(id);
  if (id.startsWith(INBOX_PREFIX)) return parseInbox(id);
  return id.length > 0 && !id.includes(':') ? { kind: 'group' } : undefined;
}

function parseDirect(id: string): ConversationAddress | undefined {
  const [a, b] = id.slice(DIRECT_PREFIX.length).split(':').map(unescapePart);
  if (a === undefined || b === undefined || directConversation(a, b) !== id) return undefined;
  return isUserId(a) && isUserId(b) ? { kind: 'direct', members: [a, b] } : undefined;
}

function parseInbox(id: string): ConversationAddress | undefined {
  const user = unescapePart(id.slice(INBOX_PREFIX.length));
  return isUserId(user) && inboxConversation(user) === id ? { kind: 'inbox', members: [user] } : undefined;
}

/** An entry's id is its address: unique in the installation, and never stored. */
export function entryId({ conversation, seq }: { conversation: string; seq: number }): string {
  return `${conversation}#${seq}`;
}
