import { Injectable } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { ContactDirectory } from './contact-directory.js';

/** Who may reach whom with what is not stored: by `MESSAGE_POLICY`, and by the blocks of the other one. */
@Injectable()
export class ReachPolicy {
  constructor(
    private readonly config: AppConfig,
    private readonly contacts: ContactDirectory,
  ) {}

  /** Rejects with a retryable AppError `unavailable` when it cannot be known. */
  async mayReach(from: string, to: string): Promise<boolean> {
    if (from === to) return true;
    if (await this.contacts.hasBlocked(to, from)) return false;
    return this.config.policy.messages === 'everybody' || this.contacts.areContacts(to, from);
  }
}
