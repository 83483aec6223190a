import { Injectable } from '@nestjs/common';
import { ErrorCode, type Position } from '@rookery/protocol';
import { AppError, type Deferred } from '../../common/index.js';
import { JournalService, type Entry } from '../../journal/index.js';
import type { Forwarded, MessageBody } from '../chat-message.js';
import type { ChatSend } from '../chat.schema.js';
import { type ConversationTarget, resolveTarget, resolveWritable } from '../conversation-access.js';
import { MessageService, toResult } from '../message.service.js';
import type { ActionOptions, ActionResult } from './action-types.js';
import { isPresent } from './message-target.js';

type Forward = ConversationTarget & { from: Position; clientId?: string };

/** Sends copies of messages that the sender can see. */
@Injectable()
export class ForwardService {
  constructor(
    private readonly journal: JournalService,
    private readonly messages: MessageService,
  ) {}

  /**
   * A copy lives on its own: a later edit or recall of the original does not reach it. Of where it was nothing travels
   * but its writer and time. Rejects with AppError `not_found` (the original or the target), or like a message.
   */
  async submit(
    user: string,
    forward: Forward,
    options: ActionOptions = {},
  ): Promise<Deferred<ActionResult> | ActionResult> {
    const { from, clientId, ...target } = forward;
    const { conversation } = resolveTarget(user, { conversation: from.conversation });
    const [original] = await this.journal.readAt(conversation, [from.seq], user);
    if (!original || !isPresent(original)) return this.repeated(user, forward);
    const { kind, content, meta, forwarded } = original.body as MessageBody;
    const message = { ...target, kind, content, meta, clientId } as ChatSend;
    return this.messages.submit(user, message, {
      ...options,
      forwarded: originOf(original, from, forwarded),
    });
  }

  /** The original is gone, but a repetition is answered all the same. */
  private async repeated(user: string, { from, clientId, ...target }: Forward): Promise<ActionResult> {
    const { conversation } = resolveWritable(user, target);
    const stored = clientId && (await this.journal.entryOf({ conversation, sender: user, clientId }));
    const source = stored ? (stored.body as MessageBody).forwarded?.source : undefined;
    if (!stored || source?.conversation !== from.conversation || source.seq !== from.seq)
      throw new AppError(ErrorCode.NotFound);
    return toResult({ entry: stored, duplicate: true });
  }
}

/** A copy of a copy names the first writer. */
function originOf(original: Entry, { conversation, seq }: Position, earlier?: Forwarded): Forwarded {
  const { from, time } = earlier ?? { from: original.sender, time: original.time };
  return { from, time, source: { conversation, seq } };
}
