import { ErrorCode } from '@rookery/protocol';
import { AppError, isModerator } from '../../common/index.js';
import {
  parseConversationId,
  type AppendRule,
  type Relation,
  type RowStatement,
} from '../../journal/index.js';
import type { MessageBody } from '../chat-message.js';
import { isLate, withoutEdit } from './edit-check.js';
import { messageTarget } from './message-target.js';

/** Own messages within `window` milliseconds (0: at any time), and any of a group by who moderates it. */
export function recallCheck(window: number): AppendRule {
  return (scene, request) => {
    const target = messageTarget(scene, request);
    if (target instanceof AppError) return target;
    const { entry, body, relation } = target;
    if (!moderates(request.conversation, relation)) {
      if (entry.sender !== request.sender) return new AppError(ErrorCode.Forbidden);
      if (isLate(scene.time - entry.time, window))
        return new AppError(ErrorCode.Refused, { message: 'Too late to recall' });
    }
    const tombstone: MessageBody = {
      kind: body.kind,
      content: null,
      now: { recalled: { at: scene.time, by: request.sender } },
    };
    return { bodies: [{ seq: entry.seq, body: tombstone }, ...withoutEdit(entry.seq, body)] };
  };
}

function moderates(conversation: string, relation: Relation): boolean {
  return parseConversationId(conversation)?.kind === 'group' && isModerator(relation);
}

/** Nothing is left on a message that is gone. */
export const withoutOverlays = (conversation: string, seq: number): RowStatement[] => [
  ['DELETE FROM message_reactions WHERE conversation_id = ? AND seq = ?', conversation, seq],
  ['DELETE FROM message_pins WHERE conversation_id = ? AND seq = ?', conversation, seq],
  ['DELETE FROM chat_mentions WHERE conversation_id = ? AND seq = ?', conversation, seq],
];
