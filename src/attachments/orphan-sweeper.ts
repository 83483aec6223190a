import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { AttachmentRepository } from './attachment.repository.js';
import { AttachmentsService } from './attachments.service.js';

const PAGE = 100;
/** Milliseconds. */
const LONGEST_PAUSE = 3_600_000;

/** Removes attachments that no message refers to after a while: uploads that were never sent, or whose message was recalled. */
@Injectable()
export class OrphanSweeper implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Attachments');
  private timer?: NodeJS.Timeout;
  private stopped = false;
  private sweeping: Promise<void> = Promise.resolve();

  constructor(
    private readonly config: AppConfig,
    private readonly attachments: AttachmentRepository,
    private readonly service: AttachmentsService,
  ) {}

  onApplicationBootstrap(): void {
    const pause = Math.min(this.config.attachments.orphanAfter / 2, LONGEST_PAUSE);
    this.timer = setInterval(() => (this.sweeping = this.sweeping.then(() => this.sweep())), pause).unref();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearInterval(this.timer);
    await this.sweeping;
  }

  private async sweep(): Promise<void> {
    try {
      let removed: number;
      do removed = await this.sweepPage();
      while (removed === PAGE && !this.stopped);
    } catch (error) {
      this.logger.warn({ err: error }, 'Attachments could not be swept; it is tried again');
    }
  }

  private async sweepPage(): Promise<number> {
    const ids = await this.attachments.orphans(Date.now() - this.config.attachments.orphanAfter, PAGE);
    for (const id of ids) await this.service.discard(id);
    if (ids.length > 0) this.logger.log({ attachments: ids.length }, 'Removed what no message refers to');
    return ids.length;
  }
}
