import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Commands } from '@rookery/protocol';
import type { Principal } from '../auth/index.js';
import { Deferred, EventBus, invalidField, newId } from '../common/index.js';
import { EventPresenters } from '../hub/index.js';
import { JournalService, entryId, type AppendRequest, type AppendResult } from '../journal/index.js';
import { BeforeSendHooks, type OutgoingMessage } from './before-send.js';
import {
  isRepeatedMessage,
  MESSAGE_ENTRY,
  peerIn,
  toChatMessage,
  type Forwarded,
  type MessageBody,
} from './chat-message.js';
import { MessageStored } from './chat.events.js';
import type { ChatSend } from './chat.schema.js';
import { resolveWritable } from './conversation-access.js';
import { mentionRows, mentionsSomebody } from './mention-rows.js';
import { MessageReferences, type RowsOfMessage } from './message-references.js';
import { replyCheck } from './reply-check.js';

export type SendResult = Commands['chat.send']['reply'];

export interface SendOptions {
  /** Handed to before-hooks. Absent: a service speaks for the user. */
  principal?: Principal;
  /** Id of the connection it came in on; it gets the result instead of the event. */
  origin?: string;
  /** The device it was written on, where that has a name: it is not brought its own message again. */
  device?: string;
  /** It is a copy of another message. */
  forwarded?: Forwarded;
}

/** Sends chat messages: before-hooks, then the journal; the hub delivers what was stored. */
@Injectable()
export class MessageService implements OnModuleInit {
  constructor(
    private readonly journal: JournalService,
    private readonly hooks: BeforeSendHooks,
    private readonly references: MessageReferences,
    private readonly presenters: EventPresenters,
    private readonly bus: EventBus,
  ) {}

  onModuleInit(): void {
    this.presenters.register(
      MESSAGE_ENTRY,
      (entry) => ({ type: 'chat.message', data: toChatMessage(entry) }),
      { unread: true },
    );
    this.journal.onCommitted(({ entry }) => {
      if (entry.type !== MESSAGE_ENTRY || !this.bus.has(MessageStored)) return;
      this.bus.publish(new MessageStored(toChatMessage(entry)));
    });
  }

  /**
   * Sends in a user's name; resolves after the commit. A repeated `clientId` answers with what was stored the first
   * time. Rejects with AppError `not_found`, `conflict`, `refused`, or a retryable `unavailable`, `overloaded`.
   */
  async send(from: string, message: ChatSend, options: SendOptions = {}): Promise<SendResult> {
    return (await this.submit(from, message, options)).toPromise();
  }

  /** Like {@link send}, but returns as soon as the message has its place in the order, to be settled at the commit. */
  submit(
    from: string,
    message: ChatSend,
    options: SendOptions = {},
  ): Deferred<SendResult> | Promise<Deferred<SendResult>> {
    const { conversation, create } = resolveWritable(from, message);
    if (message.mentionAll && create) throw invalidField('mentionAll', 'Only in groups');
    const outgoing = toOutgoing(from, conversation, message);
    const store = (accepted: OutgoingMessage, rows?: RowsOfMessage): Deferred<SendResult> => {
      const { clientId } = accepted;
      const request: AppendRequest = {
        conversation,
        create,
        type: MESSAGE_ENTRY,
        sender: from,
        device: options.device,
        clientId,
        body: bodyOf(accepted, options.forwarded),
        repeats: isRepeatedMessage,
        rows: bothRows(mentionsSomebody(accepted) ? mentionRows : undefined, rows),
      };
      if (accepted.replyTo !== undefined) askForReply(request, accepted.replyTo);
      return this.journal.submit(request, options.origin).map(toResult);
    };
    const claimed = (accepted: OutgoingMessage): Deferred<SendResult> | Promise<Deferred<SendResult>> => {
      const claim = this.references.claim(accepted);
      return claim ? claim.then((rows) => store(accepted, rows)) : store(accepted);
    };
    const checked = this.hooks.run(outgoing, options.principal);
    return checked ? checked.then(claimed) : claimed(outgoing);
  }
}

function bothRows(first?: RowsOfMessage, second?: RowsOfMessage): RowsOfMessage | undefined {
  return first && second ? (entry) => [...first(entry), ...second(entry)] : (first ?? second);
}

function toOutgoing(from: string, conversation: string, message: ChatSend): OutgoingMessage {
  const { kind, content, replyTo, mentions, mentionAll, meta, clientId = newId() } = message;
  const to = peerIn(conversation, from);
  return { from, conversation, to, kind, content, replyTo, mentions, mentionAll, meta, clientId };
}

function bodyOf(
  { kind, content, replyTo, mentions, mentionAll, meta }: OutgoingMessage,
  forwarded?: Forwarded,
): MessageBody {
  return {
    kind,
    content,
    ...(replyTo !== undefined && { replyTo }),
    ...(mentions && { mentions }),
    ...(mentionAll && { mentionAll }),
    ...(meta && { meta }),
    ...(forwarded && { forwarded }),
  };
}

function askForReply(request: AppendRequest, replyTo: number): void {
  request.about = [request.sender];
  request.targets = [replyTo];
  request.check = replyCheck;
}

/** What a sender is told of an entry of his. */
export function toResult({ entry, duplicate }: AppendResult): SendResult {
  return {
    conversation: entry.conversation,
    seq: entry.seq,
    id: entryId(entry),
    time: entry.time,
    duplicate,
  };
}
