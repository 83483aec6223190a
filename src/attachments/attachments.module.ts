import { Module } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { AttachmentReferences } from './attachment-references.js';
import { AttachmentStore } from './attachment-store.js';
import { AttachmentRepository } from './attachment.repository.js';
import { AttachmentsController } from './attachments.controller.js';
import { AttachmentsService } from './attachments.service.js';
import { LocalAttachmentStore } from './local-attachment-store.js';
import { OrphanSweeper } from './orphan-sweeper.js';
import { S3AttachmentStore } from './s3-attachment-store.js';

/** Thrown at boot: names the variable, and the cause. */
class AttachmentsNotUsableError extends Error {
  constructor(override readonly cause: unknown) {
    const { message, cause: deeper } = cause as Error;
    super(
      `the place of ATTACHMENTS_URL cannot be used: ${(deeper as Error | undefined)?.message ?? message}`,
    );
  }
}

async function openStore({ attachments: { location } }: AppConfig): Promise<AttachmentStore> {
  const store =
    location.type === 's3' ? new S3AttachmentStore(location) : new LocalAttachmentStore(location.path);
  await store.check().catch((error: unknown) => {
    throw new AttachmentsNotUsableError(error);
  });
  return store;
}

@Module({
  controllers: [AttachmentsController],
  providers: [
    { provide: AttachmentStore, inject: [AppConfig], useFactory: openStore },
    AttachmentRepository,
    AttachmentReferences,
    AttachmentsService,
    OrphanSweeper,
  ],
  exports: [AttachmentsService],
})
export class AttachmentsModule {}
