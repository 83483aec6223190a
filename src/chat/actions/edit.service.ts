import { Injectable } from '@nestjs/common';
import { MessageKind } from '@rookery/protocol';
import type { Deferred } from '../../common/index.js';
import { AppConfig } from '../../config/index.js';
import { BeforeSendHooks, type OutgoingMessage } from '../before-send.js';
import { peerIn } from '../chat-message.js';
import { resolveWritable } from '../conversation-access.js';
import { type ActionOptions, type ActionResult, EDIT_ENTRY, type MessageAddress } from './action-types.js';
import { editCheck, isRepeatedEdit } from './edit-check.js';
import { MessageActionService } from './message-action.service.js';

/** Gives text messages another content. */
@Injectable()
export class EditService {
  constructor(
    private readonly actions: MessageActionService,
    private readonly hooks: BeforeSendHooks,
    private readonly config: AppConfig,
  ) {}

  /**
   * Before-hooks see the new content like a message. Rejects with AppError `not_found`, `forbidden` (not the user's),
   * `invalid` (no text), `refused` (too late, or by a hook), or like a message.
   */
  submit(
    user: string,
    edit: MessageAddress & { content: string },
    options: ActionOptions = {},
  ): Deferred<ActionResult> | Promise<Deferred<ActionResult>> {
    const outgoing = outgoingOf(user, edit);
    const store = (content: unknown): Deferred<ActionResult> => {
      const action = {
        type: EDIT_ENTRY,
        body: { seq: edit.seq, content },
        check: editCheck(options.anyTime ? 0 : this.config.chat.editWindow),
        repeats: isRepeatedEdit,
      };
      return this.actions.submit(user, edit, action, options);
    };
    const checked = this.hooks.run(outgoing, options.principal);
    return checked ? checked.then(({ content }) => store(content)) : store(edit.content);
  }
}

function outgoingOf(from: string, edit: MessageAddress & { content: string }): OutgoingMessage {
  const { conversation } = resolveWritable(from, edit);
  const { content, seq, clientId = '' } = edit;
  return {
    from,
    conversation,
    to: peerIn(conversation, from),
    kind: MessageKind.Text,
    content,
    clientId,
    edits: seq,
  };
}
