import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Stored } from '@rookery/protocol';
import { type Deferred, EventBus, invalidField, isUserId } from '../common/index.js';
import { EventPresenters, HubService } from '../hub/index.js';
import {
  BROADCAST_CONVERSATION,
  JournalService,
  SYSTEM_SENDER,
  entryId,
  inboxConversation,
} from '../journal/index.js';
import { NOTIFICATION_ENTRY, toNotificationMessage, type NotificationBody } from './notification-message.js';
import { NotificationStored } from './notification.events.js';

export interface Notification {
  /** Free name, e.g. `order_status`. */
  type: string;
  /** Any JSON value. */
  content: unknown;
  /** Idempotency key, printable ASCII, at most 64 characters: repeated, it stores nothing new. Default: a new one. */
  key?: string;
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
    this.presenters.register(
      NOTIFICATION_ENTRY,
      (entry) => ({ type: EVENT, data: toNotificationMessage(entry) }),
      { unread: true },
    );
    this.journal.onCommitted(({ entry }) => {
      if (entry.type !== NOTIFICATION_ENTRY || !this.bus.has(NotificationStored)) return;
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

  /** To everybody: one entry, however many users there are. Who is away gets it on return. */
  broadcast(notification: Notification): Promise<NotifyResult> {
    return this.submitBroadcast(notification).toPromise();
  }

  /** Like {@link notifyUser}, but returns as soon as it has its place in the order, to be settled at the commit. */
  submit(userId: string, notification: Notification): Deferred<NotifyResult> {
    if (!isUserId(userId)) throw invalidField('to', 'Not a user id');
    return this.store(inboxConversation(userId), notification, { kind: 'inbox', members: [userId] });
  }

  /** Like {@link broadcast}, likewise. */
  submitBroadcast(notification: Notification): Deferred<NotifyResult> {
    return this.store(BROADCAST_CONVERSATION, notification);
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
    { type, content, key = uuid() }: Notification,
    create?: { kind: 'inbox'; members: readonly string[] },
  ): Deferred<NotifyResult> {
    const body: NotificationBody = { type, content };
    const request = {
      conversation,
      create,
      type: NOTIFICATION_ENTRY,
      sender: SYSTEM_SENDER,
      clientId: key,
      body,
    };
    return this.journal.submit(request).map(({ entry, duplicate }) => ({
      conversation,
      seq: entry.seq,
      id: entryId(entry),
      time: entry.time,
      duplicate,
    }));
  }
}
