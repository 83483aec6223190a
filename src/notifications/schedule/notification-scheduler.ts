import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import { ErrorCode, type ScheduledNotification } from '@rookery/protocol';
import { AppError, invalidField, toAppError } from '../../common/index.js';
import { digestOf } from '../erasure.js';
import {
  NotificationService,
  type Notification,
  type NotificationTarget,
  type ReadyNotification,
} from '../notification.service.js';
import type { ScheduleQuery } from '../publish.schema.js';
import { ScheduleRepository, type ScheduleRow } from './schedule.repository.js';

export type { ScheduledNotification };

export interface ScheduleOptions extends Notification {
  /** Milliseconds since the epoch; in the future, a year ahead at most. */
  at: number;
}

/** What is kept of a request; `asked` is a digest of it as the caller made it. */
interface Request {
  target: NotificationTarget;
  notification: ReadyNotification;
  asked: string;
}

/** Milliseconds. */
const FURTHEST = 366 * 86_400_000;
const KEPT = 30 * 86_400_000;
const HOUSEKEEPING = 3_600_000;
const RETRY_DELAY = 1000;
/** Another process may have scheduled something: it is looked for this often. Alone: nearly never. */
const LONGEST_SLEEP = 2000;
const LONGEST_SLEEP_ALONE = 60_000;
/** After it, whoever took a notification in hand is taken for dead. */
const CLAIM_TIMEOUT = 10_000;

/** With what a template made of it in all its languages; the column takes 65,535. */
const MAX_REQUEST_BYTES = 65_000;

export const SCHEDULE_LIMIT = 100_000;
const PAGE = 100;

/**
 * Tells things at their time: kept in the database, so that no kill forgets them, and sent under a key made of their row,
 * so that none is told twice, however often sending is tried and by however many processes.
 */
@Injectable()
export class NotificationScheduler implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger('Notifications');
  private timer?: NodeJS.Timeout;
  private running?: Promise<void>;
  private again = false;
  private stopped = false;
  private purgedAt = 0;

  constructor(
    private readonly rows: ScheduleRepository,
    private readonly notifications: NotificationService,
  ) {}

  onApplicationBootstrap(): void {
    this.wake();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.running;
  }

  /**
   * Has a notification told at a time. A template is filled now. `duplicate`: the key is known from an earlier call with
   * the same request, which is answered again. AppError `invalid` (fields `at`, `expiresAt`, `to`), `conflict` for a key
   * with another request, `too_large` beyond 65,000 bytes in all languages, `overloaded` while 100,000 wait.
   */
  async schedule(
    target: NotificationTarget,
    { at, key = uuid(), ...notification }: ScheduleOptions,
  ): Promise<ScheduledNotification & { duplicate: boolean }> {
    this.notifications.check(target, notification);
    const asked = digestOf({ target, at, ...notification });
    const known = await this.rows.keyed(key);
    if (known) return repeated(known, asked);
    const now = Date.now();
    if (at <= now || at > now + FURTHEST) throw invalidField('at', 'In the future, and a year ahead at most');
    const { expiresAt } = notification;
    if (expiresAt !== undefined && expiresAt <= at) throw invalidField('expiresAt', 'After it is told');
    const request: Request = { target, notification: await this.notifications.ready(notification), asked };
    const text = JSON.stringify(request);
    if (Buffer.byteLength(text) > MAX_REQUEST_BYTES) throw new AppError(ErrorCode.TooLarge);
    const row = { id: uuid(), key, request: text, dueAt: at, createdAt: now };
    const stored = await this.rows.add(row, SCHEDULE_LIMIT);
    if (!stored)
      throw new AppError(ErrorCode.Overloaded, { message: 'Too many notifications wait for their time' });
    if (stored.id !== row.id) return repeated(stored, asked);
    this.wake();
    return { ...shown(stored), duplicate: false };
  }

  /**
   * Keeps a notification from being told; repeating it changes nothing. AppError `not_found`, or `conflict` when it is too
   * late: it is being told, or was.
   */
  async cancel(id: string): Promise<void> {
    if (await this.rows.cancel(id, uuid())) return;
    const row = await this.rows.find(id);
    if (!row) throw new AppError(ErrorCode.NotFound);
    if (row.state !== 'cancelled')
      throw new AppError(ErrorCode.Conflict, { message: 'It is too late: it is not waiting any more' });
  }

  /** AppError `not_found`, also 30 days after it ended. */
  async find(id: string): Promise<ScheduledNotification> {
    const row = await this.rows.find(id);
    if (!row) throw new AppError(ErrorCode.NotFound);
    return shown(row);
  }

  /** The newest first. */
  async list({
    state,
    cursor,
    limit,
  }: ScheduleQuery): Promise<{ notifications: ScheduledNotification[]; next: string | null }> {
    const rows = await this.rows.list(state, cursor, limit + 1);
    const page = rows.slice(0, limit);
    return { notifications: page.map(shown), next: rows.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  private wake(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = undefined;
    this.again = true;
    this.running ??= this.run().finally(() => {
      this.running = undefined;
      // Woken while it was looked up how long to sleep: that may be too long by now.
      if (this.again) this.wake();
    });
  }

  private async run(): Promise<void> {
    let pause: number | undefined;
    try {
      while (this.again && !this.stopped) {
        this.again = false;
        pause = await this.sendDue();
      }
      await this.keepHouse();
    } catch (error) {
      pause = RETRY_DELAY;
      this.logger.warn({ err: error }, 'Scheduled notifications could not be read; trying again');
    }
    await this.sleep(pause).catch(() => this.startTimer(RETRY_DELAY));
  }

  /** Gives how long to wait before trying again what the store refused; undefined: it refused nothing. */
  private async sendDue(): Promise<number | undefined> {
    for (;;) {
      const rows = await this.rows.due(Date.now(), this.staleBefore, PAGE);
      let refused = false;
      for (const row of rows) if (!this.stopped && !(await this.send(row))) refused = true;
      if (refused || this.stopped) return RETRY_DELAY;
      if (rows.length < PAGE) return undefined;
    }
  }

  /** False: it could not be told now, and waits again. */
  private async send(row: ScheduleRow): Promise<boolean> {
    const claim = uuid();
    if (!(await this.rows.claim(row.id, claim, Date.now(), this.staleBefore))) return true;
    const { target, notification } = JSON.parse(row.request) as Request;
    try {
      const key = `scheduled-${row.id}`;
      const sent = await this.notifications.store(target, { ...notification, key }).toPromise();
      await this.rows.settle(row.id, claim, 'sent', { sent });
      return true;
    } catch (error) {
      const refusal = toAppError(error);
      const final = error instanceof AppError && !refusal.traits.retryable;
      if (!final)
        this.logger.warn({ err: error, scheduled: row.id }, 'A notification could not be told; trying again');
      await this.rows.settle(
        row.id,
        claim,
        final ? 'failed' : 'pending',
        final ? { error: refusal.toData() } : undefined,
      );
      return final;
    }
  }

  /** Claims from before then hold no more. Where there is but one process, whoever had one is gone, or it is this one. */
  private get staleBefore(): number {
    return this.rows.isAlone ? Number.MAX_SAFE_INTEGER : Date.now() - CLAIM_TIMEOUT;
  }

  private async keepHouse(): Promise<void> {
    const now = Date.now();
    if (now < this.purgedAt + HOUSEKEEPING) return;
    await this.rows.purge(now - KEPT);
    this.purgedAt = now;
  }

  private async sleep(pause?: number): Promise<void> {
    const due = (await this.rows.nextDue()) ?? Infinity;
    const longest = this.rows.isAlone ? LONGEST_SLEEP_ALONE : LONGEST_SLEEP;
    this.startTimer(Math.max(pause ?? 0, Math.min(Math.max(due - Date.now(), 0), longest)));
  }

  private startTimer(wait: number): void {
    if (this.stopped || this.timer) return;
    this.timer = setTimeout(() => this.wake(), Math.max(wait, 1));
  }
}

function repeated(row: ScheduleRow, asked: string): ScheduledNotification & { duplicate: boolean } {
  const request = JSON.parse(row.request) as Request;
  if (request.asked !== asked) throw new AppError(ErrorCode.Conflict);
  return { ...shown(row), duplicate: true };
}

function shown({ id, state, dueAt, createdAt, request, result }: ScheduleRow): ScheduledNotification {
  const { target, notification } = JSON.parse(request) as Request;
  const { type, content, expiresAt } = notification;
  return {
    id,
    state,
    at: dueAt,
    createdAt,
    target,
    type,
    content,
    ...(expiresAt !== undefined && { expiresAt }),
    ...(result && (JSON.parse(result) as Pick<ScheduledNotification, 'sent' | 'error'>)),
  };
}
