import { Injectable } from '@nestjs/common';
import { type Commands, ErrorCode } from '@rookery/protocol';
import { AppError, type Deferred } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import {
  JournalService,
  type AppendRule,
  type Entry,
  type Membership,
  type Question,
  type RowStatement,
} from '../../journal/index.js';
import { type MessageNow, toChatMessage } from '../chat-message.js';
import { type ConversationTarget, resolveTarget, resolveWritable } from '../conversation-access.js';
import { withinBytes } from '../page-bytes.js';
import {
  type ActionOptions,
  type ActionResult,
  type MessageAddress,
  PIN_ENTRY,
  type PinBody,
} from './action-types.js';
import { MessageActionService } from './message-action.service.js';
import { messageTarget } from './message-target.js';
import { PinRepository } from './pin.repository.js';

/** Of one conversation. */
export const MAX_PINS = 100;

const ADD = 'REPLACE INTO message_pins (conversation_id, seq, user_id, pinned_at) VALUES (?, ?, ?, ?)';
const REMOVE = 'DELETE FROM message_pins WHERE conversation_id = ? AND seq = ?';

type Pins = Commands['chat.pins']['reply'];

/** Messages that are pinned in their conversation. */
@Injectable()
export class PinService {
  constructor(
    private readonly actions: MessageActionService,
    private readonly pins: PinRepository,
    private readonly journal: JournalService,
    private readonly config: AppConfig,
  ) {}

  /** Repeating one changes nothing. Rejects with AppError `not_found`, `refused` (too many), or like a message. */
  submit(
    user: string,
    pin: MessageAddress & { active: boolean },
    options: ActionOptions = {},
  ): Deferred<ActionResult> {
    const { seq, active } = pin;
    const { conversation } = resolveWritable(user, pin);
    const body: PinBody = { seq, active };
    const questions = [pinsOf(conversation)];
    return this.actions.submit(
      user,
      pin,
      { type: PIN_ENTRY, body, check: pinCheck, questions, rows: pinRows },
      options,
    );
  }

  /** Those that the user may see, the last message first. */
  async list(
    user: string,
    target: ConversationTarget,
    { before = Number.MAX_SAFE_INTEGER, limit }: { before?: number; limit: number },
  ): Promise<Pins> {
    const { conversation, parties } = resolveTarget(user, target);
    const membership = await this.journal.membership(user, conversation);
    if (!membership && !parties) throw new AppError(ErrorCode.NotFound);
    if (!membership) return { conversation, pins: [], more: false };
    const range = {
      after: membership.earlier?.[0]?.joined ?? membership.joined,
      before: Math.min(before, upTo(membership) + 1),
      limit: limit + 1,
    };
    const found = await this.pins.list(conversation, range);
    const page = found.slice(0, limit);
    const seqs = page.map(({ seq }) => seq);
    const entries = await this.journal.readAt(conversation, seqs, user);
    const shown = withinBytes(entries, this.config.ws.sendBuffer / 2, 'newest');
    const last = shown.length < entries.length ? (shown[0]?.seq ?? 0) : 0;
    const pins = page.flatMap(({ seq, user: by, time }) => {
      const entry = shown.find((each) => each.seq === seq);
      return entry ? [{ message: toChatMessage(entry), by, time }] : [];
    });
    return { conversation, pins, more: last > 0 || found.length > limit };
  }
}

const upTo = ({ left, head }: Membership): number => left ?? head;

const pinsOf = (conversation: string): Question => ({
  key: `pins ${conversation}`,
  select: ['SELECT COUNT(*) AS count FROM message_pins WHERE conversation_id = ?', conversation],
});

/** What is pinned already takes no further place. */
const pinCheck: AppendRule = (scene, request) => {
  const target = messageTarget(scene, request);
  if (target instanceof AppError) return target;
  const { active } = request.body as PinBody;
  const { entry, body } = target;
  const isPinned = body.now?.pinned === true;
  if (active === isPinned) return undefined;
  const { key } = pinsOf(request.conversation);
  const count = Number(scene.answer(key)[0]?.count ?? 0);
  if (active && count >= MAX_PINS)
    return new AppError(ErrorCode.Refused, { message: 'Too many pinned messages' });
  const { pinned: _, ...others } = body.now ?? {};
  const now: MessageNow = active ? { ...others, pinned: true } : others;
  return {
    bodies: [{ seq: entry.seq, body: { ...body, now } }],
    answers: new Map([[key, [{ count: count + (active ? 1 : -1) }]]]),
  };
};

function pinRows({ conversation, sender, time, body }: Entry): RowStatement[] {
  const { seq, active } = body as PinBody;
  return [active ? [ADD, conversation, seq, sender, time] : [REMOVE, conversation, seq]];
}
