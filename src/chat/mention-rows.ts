import type { MessageDraft } from '@rookery/protocol';
import type { Entry, RowStatement } from '../journal/index.js';

/** Stands for everybody in a conversation; never a valid user id. */
export const EVERYBODY = '';

const MENTION =
  'INSERT INTO chat_mentions (user_id, conversation_id, seq, sender_id, created_at) VALUES (?, ?, ?, ?, ?)';

/** Whether a message has rows to be written with it: one without costs nothing. */
export const mentionsSomebody = ({ mentions, mentionAll }: Pick<MessageDraft, 'mentions' | 'mentionAll'>) =>
  mentionAll === true || (mentions !== undefined && mentions.length > 0);

/** Who is mentioned all the same because everybody is, needs no row of his own. */
export function mentionRows({ conversation, seq, sender, body, time }: Entry): RowStatement[] {
  const { mentions = [], mentionAll } = body as MessageDraft;
  const users = mentionAll ? [EVERYBODY] : [...new Set(mentions)].filter((user) => user !== sender);
  return users.map((user) => [MENTION, user, conversation, seq, sender, time]);
}
