import { mkdtempSync, rmSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { v7 as uuid } from 'uuid';
import { AppError } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { Metrics } from '../metrics/index.js';
import { AttachmentStore, type ByteRange } from './attachment-store.js';
import { attachmentUrl, isAttachmentId, pendingSize, type Attachment } from './attachment.js';
import { AttachmentRepository } from './attachment.repository.js';
import { plainName } from './file-name.js';
import { receiveFile } from './incoming-file.js';
import { isAllowed, mediaTypeOf } from './media-type.js';
import { UploadPlaces } from './upload-places.js';

/** What the sender of an attachment puts into his message. */
export interface Uploaded {
  id: string;
  url: string;
  name: string;
  mime: string;
  size: number;
}

/** Files that messages refer to: taken in, and given to those who may see such a message. */
@Injectable()
export class AttachmentsService implements OnApplicationShutdown {
  /** For what is still coming in; gone with the process. */
  private readonly incoming = mkdtempSync(join(tmpdir(), 'rookery-incoming-'));
  private readonly places: UploadPlaces;

  constructor(
    private readonly config: AppConfig,
    private readonly store: AttachmentStore,
    private readonly attachments: AttachmentRepository,
    private readonly metrics: Metrics,
  ) {
    this.places = new UploadPlaces(config.attachments.maxUploads);
  }

  /**
   * Stores the file of a request; resolves when it will not be lost. Rejects with AppError `too_large`, `invalid`,
   * `refused` (a type that is not allowed, or too much that no message refers to yet), `rate_limited` (too many of this
   * user at the same time), `overloaded` or `unavailable`.
   */
  async upload(owner: string, request: IncomingMessage, name?: string): Promise<Uploaded> {
    return this.places.take(owner, async () => {
      const file = await receiveFile(request, this.incoming, this.config.attachments.maxSize);
      try {
        return await this.keep(owner, { ...file, name: name ?? file.name });
      } finally {
        await rm(file.path, { force: true });
      }
    });
  }

  /** What the user may see; anything else is `not_found`, whether it exists or not. */
  async find(user: string, id: string): Promise<Attachment> {
    const found = isAttachmentId(id) ? await this.attachments.findFor(user, id) : undefined;
    if (!found) throw new AppError(ErrorCode.NotFound);
    return found;
  }

  async open(attachment: Attachment, range?: ByteRange): Promise<Readable> {
    const bytes = await this.store.open(attachment.id, range);
    if (!bytes) throw new AppError(ErrorCode.NotFound);
    return bytes;
  }

  /** Takes back one's own that no message refers to; `conflict` when one does. */
  async remove(user: string, id: string): Promise<void> {
    const { owner } = await this.find(user, id);
    if (owner !== user) throw new AppError(ErrorCode.Forbidden);
    if (await this.attachments.isReferredTo(id))
      throw new AppError(ErrorCode.Conflict, { message: 'A message refers to it' });
    await this.discard(id);
  }

  /** Removes what no message refers to. The bytes go first: what is left behind by a crash is found again. */
  async discard(id: string): Promise<void> {
    await this.store.delete(id);
    await this.attachments.remove(id);
  }

  onApplicationShutdown(): void {
    rmSync(this.incoming, { recursive: true, force: true });
  }

  private async keep(
    owner: string,
    file: { path: string; size: number; sha256: string; name?: string; claimedType?: string },
  ): Promise<Uploaded> {
    const mime = await mediaTypeOf(file.path, file.claimedType);
    if (!isAllowed(mime, this.config.attachments.types))
      throw new AppError(ErrorCode.Refused, { message: 'Files of this type are not taken' });
    const { size, sha256 } = file;
    const attachment = {
      id: uuid(),
      owner,
      name: plainName(file.name),
      mime,
      size,
      sha256,
      time: Date.now(),
    };
    // Known before it is stored: whatever dies in between, the sweep finds it.
    await this.places.inTurn(owner, () => this.add(attachment));
    await this.store.put(attachment.id, file.path, { size, sha256 });
    this.metrics.attachmentBytes.inc(size);
    return { id: attachment.id, url: attachmentUrl(attachment.id), name: attachment.name, mime, size };
  }

  /** One after another for each user: of two that fit alone, both must fit. */
  private async add(attachment: Attachment): Promise<void> {
    const pending = await this.attachments.pendingBytes(attachment.owner);
    if (pending + pendingSize(attachment.size) > this.config.attachments.maxPending)
      throw new AppError(ErrorCode.Refused, { message: 'Send or remove what was uploaded before' });
    await this.attachments.add(attachment);
  }
}
