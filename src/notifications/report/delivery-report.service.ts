import { setImmediate as nextTurn } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { ErrorCode, type NotificationAudience } from '@rookery/protocol';
import { AppError } from '../../common/index.js';
import {
  BROADCAST_CONVERSATION,
  JournalService,
  SYSTEM_SENDER,
  parseConversationId,
  type Entry,
} from '../../journal/index.js';
import {
  LIMITED_ENTRY,
  isErased,
  isNotification,
  withdrawalKey,
  type ErasedBody,
  type NotificationBody,
} from '../notification-message.js';
import { placeOf } from '../notification-place.js';
import { ReportRepository } from './report.repository.js';

/** What has become of a notification. Counted from the cursors of users, at the moment of asking. */
export interface DeliveryReport {
  id: string;
  /** When it was stored, milliseconds since the epoch. */
  time: number;
  type: string | null;
  /** Of a broadcast; null: it is for one user. */
  audience: NotificationAudience | null;
  expiresAt: number | null;
  /** It was withdrawn, or deleted by its reader. */
  erased: boolean;
  /** Users in the audience now for whom it is; of everybody, those who were ever connected. */
  users: number;
  delivered: {
    /** Users of whom a device has acknowledged it. */
    users: number;
    /** Devices that have acknowledged it; those without a name are not told apart, and not counted. */
    devices: number;
  };
  /** Users who have read it, or deleted it. */
  read: number;
}

/** Reports that may wait for one another. */
const MAX_WAITING = 16;

/** Says of notifications whom they have reached. One report is made at a time: of a broadcast it reads all cursors. */
@Injectable()
export class DeliveryReportService {
  private turns: Promise<unknown> = Promise.resolve();
  private waiting = 0;

  constructor(
    private readonly journal: JournalService,
    private readonly rows: ReportRepository,
  ) {}

  /** By the notification's id. AppError `not_found` for what is no stored notification, `overloaded` while many wait. */
  async of(id: string): Promise<DeliveryReport> {
    if (this.waiting >= MAX_WAITING) throw new AppError(ErrorCode.Overloaded, { retryAfter: 5 });
    this.waiting++;
    const turn = this.turns.then(() => this.make(id));
    this.turns = turn.catch(() => undefined);
    return turn.finally(() => this.waiting--);
  }

  private async make(id: string): Promise<DeliveryReport> {
    const { conversation, seq } = placeOf(id);
    const [entry] = await this.journal.readAt(conversation, [seq]);
    if (!entry || !isNotification(entry)) throw new AppError(ErrorCode.NotFound);
    const body = entry.body as NotificationBody | ErasedBody;
    const erased = isErased(body);
    const audience = conversation === BROADCAST_CONVERSATION ? await this.audienceOf(entry) : null;
    return {
      id,
      time: entry.time,
      type: erased ? null : body.type,
      audience,
      expiresAt: erased ? null : (body.expiresAt ?? null),
      erased,
      ...(await this.counts(conversation, seq, audience)),
    };
  }

  /** Of what was withdrawn its withdrawal says so. */
  private async audienceOf({ conversation, seq, type, body }: Entry): Promise<NotificationAudience> {
    if (type !== LIMITED_ENTRY) return 'all';
    const kept = body as NotificationBody | ErasedBody;
    if (!isErased(kept)) return kept.audience ?? 'all';
    const address = { conversation, sender: SYSTEM_SENDER, clientId: withdrawalKey(seq) };
    const withdrawal = await this.journal.entryOf(address);
    return (withdrawal?.body as NotificationBody | undefined)?.audience ?? 'all';
  }

  private async counts(
    conversation: string,
    seq: number,
    audience: NotificationAudience | null,
  ): Promise<Pick<DeliveryReport, 'users' | 'delivered' | 'read'>> {
    const total = { users: 0, delivered: { users: 0, devices: 0 }, read: 0 };
    const whom = audience ?? { users: membersOf(conversation) };
    for (let after: string | undefined = ''; after !== undefined;) {
      const page = await this.rows.count({ conversation, seq, audience: whom, after });
      total.users += page.users;
      total.delivered.users += page.deliveredUsers;
      total.delivered.devices += page.deliveredDevices;
      total.read += page.read;
      after = page.last;
      await nextTurn();
    }
    return total;
  }
}

function membersOf(conversation: string): readonly string[] {
  const address = parseConversationId(conversation);
  return address && 'members' in address ? address.members : [];
}
