import { Injectable, type OnModuleInit } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { MessageReferences, type OutgoingMessage, type RowsOfMessage } from '../chat/index.js';
import { AppError } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { attachmentIn } from './attachment.js';
import { AttachmentRepository, referenceRow } from './attachment.repository.js';

/** Ties a message to the attachment its `content.url` names, in the transaction that stores it. */
@Injectable()
export class AttachmentReferences implements OnModuleInit {
  constructor(
    private readonly references: MessageReferences,
    private readonly attachments: AttachmentRepository,
    private readonly config: AppConfig,
  ) {}

  onModuleInit(): void {
    this.references.register((message) => this.claim(message));
  }

  /** Undefined: the message names no attachment of ours. Rejects with `not_found` for one that its sender cannot see. */
  private claim({ from, content }: OutgoingMessage): Promise<RowsOfMessage> | undefined {
    const url = (content as { url?: unknown } | null)?.url;
    const id = typeof url === 'string' ? attachmentIn(url) : undefined;
    return id === undefined ? undefined : this.refer(from, id);
  }

  private async refer(from: string, id: string): Promise<RowsOfMessage> {
    const found = await this.attachments.findFor(from, id);
    if (!found || (await this.isDue(id, found.time)))
      throw new AppError(ErrorCode.NotFound, { message: 'No such attachment, or none of yours' });
    return ({ conversation, seq }) => [referenceRow(id, conversation, seq)];
  }

  /** What the sweep is about to remove must not be referred to any more. */
  private async isDue(id: string, time: number): Promise<boolean> {
    const { orphanAfter } = this.config.attachments;
    if (Date.now() - time < orphanAfter * 0.9) return false;
    return !(await this.attachments.isReferredTo(id));
  }
}
