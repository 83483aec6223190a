import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { directConversation, parseConversationId, type AppendRequest } from '../journal/index.js';

/** Names a conversation: by the user at the other end, or by its id. */
export interface ConversationTarget {
  to?: string;
  conversation?: string;
}

/** A conversation that a user may try to write to or read from. */
export interface Resolved {
  conversation: string;
  /** Known from the id alone; undefined: membership is in the journal. */
  parties?: readonly string[];
}

/** The caller's view of a target. A direct chat or an inbox of others is answered like one that does not exist. */
export function resolveTarget(user: string, { to, conversation }: ConversationTarget): Resolved {
  if (to !== undefined) return { conversation: directConversation(user, to), parties: [user, to] };
  const address = conversation === undefined ? undefined : parseConversationId(conversation);
  if (!address || conversation === undefined) throw new AppError(ErrorCode.NotFound);
  const parties = 'members' in address ? address.members : undefined;
  if (parties && !parties.includes(user)) throw new AppError(ErrorCode.NotFound);
  return { conversation, parties };
}

/** The same, to send a chat message to: notifications have no reply. */
export function resolveWritable(
  user: string,
  target: ConversationTarget,
): Resolved & { create?: AppendRequest['create'] } {
  const resolved = resolveTarget(user, target);
  const kind = parseConversationId(resolved.conversation)?.kind;
  if (kind === 'inbox' || kind === 'broadcast') throw new AppError(ErrorCode.NotFound);
  return kind === 'direct' && resolved.parties
    ? { ...resolved, create: { kind, members: resolved.parties } }
    : resolved;
}
