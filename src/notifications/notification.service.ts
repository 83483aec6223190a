import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import {
  ErrorCode,
  type NotificationAudience,
  type NotificationMessage,
  type NotificationPriority,
  type Position,
  type Stored,
} from '@rookery/protocol';
import { AppError, type Deferred, EventBus, invalidField, isUserId } from '../common/index.js';
import { EventPresenters, HubService, type EntryFilter } from '../hub/index.js';
import {
  BROADCAST_CONVERSATION,
  JournalService,
  SYSTEM_SENDER,
  entryId,
  inboxConversation,
  parseConversationId,
  type AppendRequest,
  type AppendRule,
  type Entry,
} from '../journal/index.js';
import { filterFor } from './audience.js';
import { erasures, repeatsErased } from './erasure.js';
import {
  LIMITED_ENTRY,
  NOTIFICATION_ENTRY,
  WITHDRAWAL_ENTRY,
  isNotification,
  isShown,
  toNotificationMessage,
  toWithdrawal,
  type ErasedBody,
  type NotificationBody,
} from './notification-message.js';
import { NotificationStored } from './notification.events.js';

export interface Notification {
  /** Free name, e.g. `order_status`. */
  type: string;
  /** Any JSON value. */
  content: unknown;
  /** The content in other languages, by BCP 47 tag in lower case; clients take the closest. Default: none. */
  locales?: Record<string, unknown>;
  /** Default `normal`. */
  priority?: NotificationPriority;
  /** Milliseconds since the epoch: not shown from then on, neither live nor later. Default: never. */
  expiresAt?: number;
  /** Idempotency key, printable ASCII, at most 64 characters: repeated, it stores nothing new. Default: a new one. */
  key?: string;
}

export interface Broadcast extends Notification {
  /** Default: all. At most 1,000 users by name. */
  audience?: NotificationAudience;
}

export type NotifyResult = Stored & { duplicate: boolean };

const EVENT = 'notification.message';

/**
 * Tells users things, from any module: stored first, pushed to every connected device, and kept for those who are away.
 *
 * @example
 * await notifications.notifyUser(order.userId, { type: 'order_status', content: { id: order.id, status: 'paid' } });
 */
@Injectable()
export class NotificationService implements OnModuleInit {
  constructor(
    private readonly journal: JournalService,
    private readonly hub: HubService,
    private readonly presenters: EventPresenters,
    private readonly bus: EventBus,
  ) {}

  onModuleInit(): void {
    this.presenters.register(NOTIFICATION_ENTRY, presented, { unread: true });
    this.presenters.register(LIMITED_ENTRY, presented, { filterOf: audienceOf });
    this.presenters.register(
      WITHDRAWAL_ENTRY,
      (entry) => ({ type: 'notification.withdrawn', data: toWithdrawal(entry) }),
      { filterOf: audienceOf },
    );
    this.journal.onCommitted(({ entry }) => {
      if (!isNotification(entry) || !this.bus.has(NotificationStored)) return;
      this.bus.publish(new NotificationStored(toNotificationMessage(entry)));
    });
  }

  /** Into one user's inbox. Resolves after the commit; rejects with a retryable AppError if the store did not confirm. */
  notifyUser(userId: string, notification: Notification): Promise<NotifyResult> {
    return this.submit(userId, notification).toPromise();
  }

  /** Into the inbox of each; the outcomes are in the order of the ids. One refusal rejects, the others are stored. */
  notifyUsers(userIds: readonly string[], notification: Notification): Promise<NotifyResult[]> {
    return Promise.all(userIds.map((userId) => this.notifyUser(userId, notification)));
  }

  /**
   * To everybody or to an audience: one entry, however many users there are. Who is away gets it on return, if he is in
   * the audience then; who is not in it never learns of it.
   */
  broadcast(notification: Broadcast): Promise<NotifyResult> {
    return this.submitBroadcast(notification).toPromise();
  }

  /** Like {@link notifyUser}, but returns as soon as it has its place in the order, to be settled at the commit. */
  submit(userId: string, notification: Notification): Deferred<NotifyResult> {
    if (!isUserId(userId)) throw invalidField('to', 'Not a user id');
    return this.store(inboxConversation(userId), notification, { kind: 'inbox', members: [userId] });
  }

  /** Like {@link broadcast}, likewise. */
  submitBroadcast({ audience, ...notification }: Broadcast): Deferred<NotifyResult> {
    return this.store(
      BROADCAST_CONVERSATION,
      notification,
      undefined,
      audience === 'all' ? undefined : audience,
    );
  }

  /**
   * Takes a notification back, by its id: its content is erased, and whoever shows it is told to remove it. Repeating it
   * changes nothing. Rejects with `not_found` for what is no stored notification.
   */
  async withdraw(id: string): Promise<NotifyResult> {
    const { conversation, seq } = placeOf(id);
    const [entry] = await this.journal.readAt(conversation, [seq]);
    const audience = (entry?.body as NotificationBody | undefined)?.audience;
    const { entry: stored, duplicate } = await this.journal.append({
      conversation,
      type: WITHDRAWAL_ENTRY,
      sender: SYSTEM_SENDER,
      clientId: `withdraw-${seq}`,
      body: { seq, ...(audience && { audience }) },
      targets: [seq],
      rule: (scene) => {
        const target = scene.entry(seq);
        if (!target || !isNotification(target)) return new AppError(ErrorCode.NotFound);
        return { bodies: erasures(scene, [seq]) };
      },
      repeats: () => true,
    });
    return resultOf(conversation, stored.seq, stored.time, duplicate);
  }

  /** Only to devices connected now; stored nowhere. Returns how many got it. */
  pushLive(userId: string, { type, content }: Notification): number {
    return this.hub.sendToUser(userId, EVENT, { type, content, time: Date.now() });
  }

  /** Like {@link pushLive}, to every connection. */
  broadcastLive({ type, content }: Notification): number {
    return this.hub.broadcast(EVENT, { type, content, time: Date.now() });
  }

  private store(
    conversation: string,
    { key = uuid(), expiresAt, ...notification }: Notification,
    create?: { kind: 'inbox'; members: readonly string[] },
    audience?: NotificationAudience,
  ): Deferred<NotifyResult> {
    const request: AppendRequest = {
      conversation,
      create,
      type: audience ? LIMITED_ENTRY : NOTIFICATION_ENTRY,
      sender: SYSTEM_SENDER,
      clientId: key,
      body: bodyOf(notification, expiresAt, audience),
      repeats: repeatsErased,
      ...(expiresAt !== undefined && { rule: unexpired(expiresAt) }),
    };
    return this.journal
      .submit(request)
      .map(({ entry: { seq, time }, duplicate }) => resultOf(conversation, seq, time, duplicate));
  }
}

const presented = (entry: Entry): { type: string; data: NotificationMessage } | undefined =>
  isShown(entry.body as NotificationBody | ErasedBody, Date.now())
    ? { type: EVENT, data: toNotificationMessage(entry) }
    : undefined;

const audienceOf = (entry: Entry): EntryFilter | undefined =>
  filterFor((entry.body as NotificationBody).audience);

function bodyOf(
  { type, content, locales, priority }: Omit<Notification, 'key' | 'expiresAt'>,
  expiresAt: number | undefined,
  audience: NotificationAudience | undefined,
): NotificationBody {
  return {
    type,
    content,
    ...(locales && { locales }),
    ...(priority && priority !== 'normal' && { priority }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(audience && { audience }),
  };
}

/** Judged at the commit, and not for a repetition, which is answered as the first time. */
const unexpired =
  (expiresAt: number): AppendRule =>
  ({ time }) =>
    expiresAt > time ? undefined : invalidField('expiresAt', 'In the past');

const resultOf = (conversation: string, seq: number, time: number, duplicate: boolean): NotifyResult => ({
  conversation,
  seq,
  id: entryId({ conversation, seq }),
  time,
  duplicate,
});

/** AppError `not_found` for what is no id of a notification. */
function placeOf(id: string): Position {
  const [, conversation = '', seq = '0'] = /^(.*)#(\d{1,15})$/s.exec(id) ?? [];
  const kind = parseConversationId(conversation)?.kind;
  if (kind !== 'inbox' && kind !== 'broadcast') throw new AppError(ErrorCode.NotFound);
  return { conversation, seq: Number(seq) };
}
