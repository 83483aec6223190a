import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { MessageReferences, type OutgoingMessage, type RowsOfMessage } from '../chat/index.js';
import { AppError } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { JournalService } from '../journal/index.js';
import { attachmentIn } from './attachment.js';
import { AttachmentRepository, referenceRow, releaseRow } from './attachment.repository.js';

/** Ties a message to the attachment its `content.url` names, in the transaction that stores it. */
@Injectable()
export class AttachmentReferences implements OnModuleInit {
  constructor(
    private readonly references: MessageReferences,
    private readonly attachments: AttachmentRepository,
    private readonly journal: JournalService,
    private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.references.register(
      (message) => this.claim(message),
      (conversation, seq) => [releaseRow(conversation, seq)],
    );
  }

  /** Undefined: the message names no attachment of ours. Rejects with `not_found` for one that its sender cannot see. */
  private claim(message: OutgoingMessage): Promise<RowsOfMessage> | undefined {
    const url = (message.content as { url?: unknown } | null)?.url;
    const id = typeof url === 'string' ? attachmentIn(url) : undefined;
    return id === undefined ? undefined : this.refer(message, id);
  }

  private async refer(message: OutgoingMessage, id: string): Promise<RowsOfMessage> {
    const found = await this.attachments.findFor(message.from, id);
    if (!found || (await this.isDue(id, found.time))) {
      if (await this.isRepeated(message)) return () => [];
      throw new AppError(ErrorCode.NotFound, { message: 'No such attachment, or none of yours' });
    }
    return ({ conversation, seq }) => [referenceRow(id, conversation, seq)];
  }

  /** It was recalled, and its file is gone; the journal answers as it did the first time. */
  private async isRepeated({ conversation, from: sender, clientId }: OutgoingMessage): Promise<boolean> {
    return (await this.journal.entryOf({ conversation, sender, clientId })) !== undefined;
  }

  /** What the sweep is about to remove must not be referred to any more. */
  private async isDue(id: string, time: number): Promise<boolean> {
    const { orphanAfter } = this.config.attachments;
    if (Date.now() - time < orphanAfter * 0.9) return false;
    return !(await this.attachments.isReferredTo(id));
  }
}
