import { Injectable } from '@nestjs/common';
import { ErrorCode, type ReactionSummary } from '@rookery/protocol';
import { AppError, type Deferred } from '../../common/index.js';
import type { Answer, AppendRule, Entry, Question, RowStatement } from '../../journal/index.js';
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

/** Bounds of one message. */
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
  submit(
    user: string,
    reaction: MessageAddress & { emoji: string; active: boolean },
    options: ActionOptions = {},
  ): Deferred<ActionResult> {
    const { seq, emoji, active } = reaction;
    const { conversation } = resolveWritable(user, reaction);
    const body: ReactionBody = { seq, emoji, active };
    const questions = [emojisOn(conversation, seq), emojisOf(user, conversation, seq)];
    const action = { type: REACTION_ENTRY, body, check: reactionCheck, questions, rows: reactionRows };
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
}

const emojisOn = (conversation: string, seq: number): Question => ({
  key: `reactions ${seq} ${conversation}`,
  select: [
    'SELECT emoji, COUNT(*) AS count FROM message_reactions WHERE conversation_id = ? AND seq = ? GROUP BY emoji',
    conversation,
    seq,
  ],
});

const emojisOf = (user: string, conversation: string, seq: number): Question => ({
  key: `reactions ${seq} ${conversation} ${user}`,
  select: [
    'SELECT emoji FROM message_reactions WHERE conversation_id = ? AND seq = ? AND user_id = ?',
    conversation,
    seq,
    user,
  ],
});

const TOO_MANY = 'Too many reactions';

/** Whether it is full is said only to who may see the message. */
const reactionCheck: AppendRule = (scene, request) => {
  const target = messageTarget(scene, request);
  if (target instanceof AppError) return target;
  const { entry, body } = target;
  const { emoji, active } = request.body as ReactionBody;
  const all = emojisOn(request.conversation, entry.seq).key;
  const own = emojisOf(request.sender, request.conversation, entry.seq).key;
  const mine = scene.answer(own);
  if (mine.some((row) => row.emoji === emoji) === active) return undefined;
  const counts = new Map(scene.answer(all).map((row) => [String(row.emoji), Number(row.count)]));
  if (active && isFull(counts, mine.length, emoji))
    return new AppError(ErrorCode.Refused, { message: TOO_MANY });
  counts.set(emoji, (counts.get(emoji) ?? 0) + (active ? 1 : -1));
  const answers = new Map<string, Answer>([
    [all, [...counts].filter(([, count]) => count > 0).map(([name, count]) => ({ emoji: name, count }))],
    [own, active ? [...mine, { emoji }] : mine.filter((row) => row.emoji !== emoji)],
  ]);
  if (body.now?.reactions || !active) return { answers };
  return { answers, bodies: [{ seq: entry.seq, body: { ...body, now: { ...body.now, reactions: true } } }] };
};

function isFull(counts: ReadonlyMap<string, number>, ofUser: number, emoji: string): boolean {
  const { emojis, emojisOfUser, total } = REACTION_LIMITS;
  if (!counts.has(emoji) && counts.size >= emojis) return true;
  return ofUser >= emojisOfUser || [...counts.values()].reduce((sum, count) => sum + count, 0) >= total;
}

function reactionRows({ conversation, sender, time, body }: Entry): RowStatement[] {
  const { seq, emoji, active } = body as ReactionBody;
  return [
    active ? [ADD, conversation, seq, emoji, sender, time] : [REMOVE, conversation, seq, emoji, sender],
  ];
}
