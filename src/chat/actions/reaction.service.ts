import { Injectable } from '@nestjs/common';
import { ErrorCode, type ReactionSummary } from '@rookery/protocol';
import { AppError, type Deferred } from '../../common/index.js';
import type { AppendRule, Entry, RowStatement } from '../../journal/index.js';
import type { MessageBody } from '../chat-message.js';
import { resolveWritable } from '../conversation-access.js';
import {
  type ActionOptions,
  type ActionResult,
  type MessageAddress,
  REACTION_ENTRY,
  type ReactionBody,
} from './action-types.js';
import { MessageActionService } from './message-action.service.js';
import { isPresent, messageTarget } from './message-target.js';
import { ReactionRepository } from './reaction.repository.js';

/** Bounds of one message. Looked at before the reaction has its place, so that simultaneous ones may exceed them a little. */
export const REACTION_LIMITS = {
  /** Different emojis. */
  emojis: 50,
  /** Different emojis of one user. */
  emojisOfUser: 10,
  /** Emojis of all users together. */
  total: 2000,
};

const ADD =
  'REPLACE INTO message_reactions (conversation_id, seq, emoji, user_id, reacted_at) VALUES (?, ?, ?, ?, ?)';
const REMOVE =
  'DELETE FROM message_reactions WHERE conversation_id = ? AND seq = ? AND emoji = ? AND user_id = ?';

/** Emojis on messages. */
@Injectable()
export class ReactionService {
  constructor(
    private readonly actions: MessageActionService,
    private readonly reactions: ReactionRepository,
  ) {}

  /** Repeating one changes nothing. Rejects with AppError `not_found`, `refused` (too many), or like a message. */
  async submit(
    user: string,
    reaction: MessageAddress & { emoji: string; active: boolean },
    options: ActionOptions = {},
  ): Promise<Deferred<ActionResult>> {
    const { seq, emoji, active } = reaction;
    const isFull = active && (await this.isFull(user, reaction));
    const body: ReactionBody = { seq, emoji, active };
    const action = { type: REACTION_ENTRY, body, check: reactionCheck(isFull), rows: reactionRows };
    return this.actions.submit(user, reaction, action, options);
  }

  /** What is on the messages among these entries; undefined, and no query, when none has a reaction. */
  async of(
    user: string,
    conversation: string,
    entries: readonly Entry[],
  ): Promise<Map<number, ReactionSummary[]> | undefined> {
    const reacted = entries.filter((entry) => isPresent(entry) && (entry.body as MessageBody).now?.reactions);
    if (reacted.length === 0) return undefined;
    return this.reactions.summaries(
      user,
      conversation,
      reacted.map(({ seq }) => seq),
    );
  }

  private async isFull(
    user: string,
    { seq, emoji, ...target }: MessageAddress & { emoji: string },
  ): Promise<boolean> {
    const { conversation } = resolveWritable(user, target);
    const summaries = (await this.reactions.summaries(user, conversation, [seq])).get(seq) ?? [];
    const known = summaries.find((summary) => summary.emoji === emoji);
    if (known?.mine) return false;
    const { emojis, emojisOfUser, total } = REACTION_LIMITS;
    return (
      (!known && summaries.length >= emojis) ||
      summaries.filter(({ mine }) => mine).length >= emojisOfUser ||
      summaries.reduce((sum, { count }) => sum + count, 0) >= total
    );
  }
}

/** Whether it is full is said only to who may see the message. */
function reactionCheck(isFull: boolean): AppendRule {
  return (scene, request) => {
    const target = messageTarget(scene, request);
    if (target instanceof AppError) return target;
    if (isFull) return new AppError(ErrorCode.Refused, { message: 'Too many reactions' });
    const { entry, body } = target;
    if (body.now?.reactions || !(request.body as ReactionBody).active) return undefined;
    return { bodies: [{ seq: entry.seq, body: { ...body, now: { ...body.now, reactions: true } } }] };
  };
}

function reactionRows({ conversation, sender, time, body }: Entry): RowStatement[] {
  const { seq, emoji, active } = body as ReactionBody;
  return [
    active ? [ADD, conversation, seq, emoji, sender, time] : [REMOVE, conversation, seq, emoji, sender],
  ];
}
