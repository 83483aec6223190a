import { Injectable } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Deferred } from '../../common/index.js';
import { JournalService, type AppendRequest } from '../../journal/index.js';
import { resolveWritable } from '../conversation-access.js';
import { toResult } from '../message.service.js';
import type { ActionOptions, ActionResult, MessageAddress } from './action-types.js';

type Action = Pick<AppendRequest, 'type' | 'check' | 'questions' | 'rows' | 'repeats'> & { body: unknown };

/** Stores what happens to a message, as an entry of the message's own conversation. */
@Injectable()
export class MessageActionService {
  constructor(private readonly journal: JournalService) {}

  /** The rule of the conversation's kind judges who may write there, `check` the message that it is about. */
  submit(
    user: string,
    address: MessageAddress,
    action: Action,
    { device, origin }: ActionOptions,
  ): Deferred<ActionResult> {
    const { seq, clientId = uuid() } = address;
    const { conversation } = resolveWritable(user, address);
    const request = {
      ...action,
      conversation,
      sender: user,
      device,
      clientId,
      about: [user],
      targets: [seq],
    };
    return this.journal.submit(request, origin).map(toResult);
  }
}
