import { inboxConversation, type AppendRequest, type Question } from '../journal/index.js';
import { refused } from './group-scene.js';

/** How many groups a user is a member of; at most `limit`. */
const groupsOf = (user: string, limit: number): Question => ({
  key: `groups ${user}`,
  select: [
    `SELECT COUNT(*) AS count FROM (SELECT 1 FROM members m JOIN conversations c ON c.id = m.conversation_id
      WHERE m.user_id = ? AND m.left_seq IS NULL AND c.kind = 'group' LIMIT ?) some`,
    user,
    limit,
  ],
});

/**
 * What a request needs by which a user becomes a member of a group: what he is a member of is kept in memory while he is
 * here. The lock of his inbox is held, so that two groups that he joins at once count each other.
 */
export function withRoom(user: string, limit: number): Pick<AppendRequest, 'check' | 'questions' | 'locks'> {
  const question = groupsOf(user, limit);
  return {
    questions: [question],
    locks: [{ id: inboxConversation(user), kind: 'inbox' }],
    check: ({ answer }) => {
      const count = Number(answer(question.key)[0]?.count ?? 0);
      if (count >= limit) return refused('A member of too many groups');
      return { answers: new Map([[question.key, [{ count: count + 1 }]]]) };
    },
  };
}
