import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ErrorCode } from '@rookery/protocol';
import { AppError, type Deferred } from '../../common/index.js';
import {
  JournalService,
  inboxConversation,
  isFor,
  type Entry,
  type RowStatement,
} from '../../journal/index.js';
import { MESSAGE_ENTRY } from '../chat-message.js';
import { type ConversationTarget, resolveTarget } from '../conversation-access.js';
import { toResult } from '../message.service.js';
import { type ActionOptions, type ActionResult, HIDE_ENTRY, type HideBody } from './action-types.js';

const HIDE = 'REPLACE INTO hidden_entries (user_id, conversation_id, seq) VALUES (?, ?, ?)';

/** Deletes messages for one user alone; his devices learn it from his inbox. */
@Injectable()
export class HideService {
  constructor(private readonly journal: JournalService) {}

  /** Rejects with AppError `not_found` when one of them is no message that is the user's to see, or like a message. */
  async submit(
    user: string,
    {
      seqs,
      clientId = uuid(),
      ...target
    }: ConversationTarget & { seqs: readonly number[]; clientId?: string },
    { device, origin }: ActionOptions = {},
  ): Promise<Deferred<ActionResult>> {
    const { conversation } = resolveTarget(user, target);
    const chosen = [...new Set(seqs)].sort((a, b) => a - b);
    if (!(await this.areVisible(user, conversation, chosen))) throw new AppError(ErrorCode.NotFound);
    const body: HideBody = { conversation, seqs: chosen };
    const request = {
      conversation: inboxConversation(user),
      create: { kind: 'inbox' as const, members: [user] },
      type: HIDE_ENTRY,
      sender: user,
      device,
      clientId,
      body,
      rows: hideRows,
    };
    return this.journal.submit(request, origin).map(toResult);
  }

  /** What was hidden before counts as well, so that a repetition is one. */
  private async areVisible(user: string, conversation: string, seqs: readonly number[]): Promise<boolean> {
    const relation = await this.journal.relation(user, conversation);
    if (!relation) return false;
    const entries = await this.journal.readAt(conversation, seqs);
    return (
      entries.length === seqs.length &&
      entries.every(({ type, seq }) => type === MESSAGE_ENTRY && isFor(seq, relation))
    );
  }
}

function hideRows({ sender, body }: Entry): RowStatement[] {
  const { conversation, seqs } = body as HideBody;
  return seqs.map((seq) => [HIDE, sender, conversation, seq]);
}
