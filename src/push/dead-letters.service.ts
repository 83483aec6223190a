import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { PushOutboxRepository, type OutboxRow } from './push-outbox.repository.js';
import { PushSender } from './push-sender.js';
import type { DeadLetterQuery } from './push.schema.js';

/** A push that was given up. */
export interface DeadLetter {
  id: string;
  user: string;
  conversation: string;
  seq: number;
  attempts: number;
  /** Why the last attempt failed. */
  error: string | null;
  /** Milliseconds since the epoch: when it was to be told, and when it was given up. */
  createdAt: number;
  diedAt: number;
}

/** What could not be told: to be looked at, tried again, or thrown away. */
@Injectable()
export class DeadLettersService {
  constructor(
    private readonly outbox: PushOutboxRepository,
    private readonly sender: PushSender,
  ) {}

  /** The newest first. */
  async list({
    limit,
    cursor,
  }: DeadLetterQuery): Promise<{ deadLetters: DeadLetter[]; next: string | null }> {
    const rows = await this.outbox.deadLetters(limit + 1, cursor);
    const page = rows.slice(0, limit);
    return { deadLetters: page.map(letterOf), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  /** Puts it back to its place in the user's order, with all attempts before it. */
  async replay(id: string): Promise<void> {
    if (!(await this.outbox.replay(id))) throw new AppError(ErrorCode.NotFound);
    this.sender.wake();
  }

  async remove(id: string): Promise<void> {
    if (!(await this.outbox.removeDead(id))) throw new AppError(ErrorCode.NotFound);
  }
}

function letterOf({ id, user, conversation, seq, attempts, error, createdAt, dueAt }: OutboxRow): DeadLetter {
  return { id, user, conversation, seq, attempts, error, createdAt, diedAt: dueAt };
}
