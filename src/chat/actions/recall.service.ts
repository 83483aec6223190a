import { Injectable } from '@nestjs/common';
import type { Deferred } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import { type ActionOptions, type ActionResult, type MessageAddress, RECALL_ENTRY } from './action-types.js';
import { MessageReferences } from '../message-references.js';
import { MessageActionService } from './message-action.service.js';
import { recallCheck, withoutOverlays } from './recall-check.js';

/** Takes messages back: the content is gone from the store, and from every history and catch-up; so is what it refers to. */
@Injectable()
export class RecallService {
  constructor(
    private readonly actions: MessageActionService,
    private readonly references: MessageReferences,
    private readonly config: AppConfig,
  ) {}

  /** Rejects with AppError `not_found`, `forbidden` (not the user's), `refused` (too late), or like a message. */
  submit(user: string, message: MessageAddress, options: ActionOptions = {}): Deferred<ActionResult> {
    const { seq } = message;
    const action = {
      type: RECALL_ENTRY,
      body: { seq },
      check: recallCheck(options.anyTime ? 0 : this.config.chat.recallWindow),
      rows: ({ conversation }: { conversation: string }) => [
        ...withoutOverlays(conversation, seq),
        ...this.references.release(conversation, seq),
      ],
    };
    return this.actions.submit(user, message, action, options);
  }
}
