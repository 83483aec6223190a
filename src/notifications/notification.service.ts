import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import {
  ErrorCode,
  type NotificationAudience,
  type NotificationPriority,
  type Stored,
} from '@rookery/protocol';
import { AppError, type Deferred, EventBus, invalidField, isUserId } from '../common/index.js';
import { EventPresenters, HubService, type EntryFilter, type Presented } from '../hub/index.js';
import {
  BROADCAST_CONVERSATION,
  JournalService,
  SYSTEM_SENDER,
  entryId,
  inboxConversation,
  type AppendRequest,
  type AppendRule,
  type Entry,
} from '../journal/index.js';
import { filterFor } from './audience.js';
import { digestOf, erasures, isRepetition } from './erasure.js';
import {
  LIMITED_ENTRY,
  NOTIFICATION_ENTRY,
  WITHDRAWAL_ENTRY,
  isNotification,
  isShown,
  toNotificationMessage,
  toWithdrawal,
  translationsOf,
  withdrawalKey,
  type ErasedBody,
  type NotificationBody,
} from './notification-message.js';
import { placeOf } from './notification-place.js';
import { NotificationStored } from './notification.events.js';
import { TemplateService, type TemplateUse } from './templates/template.service.js';

export interface Notification {
  /** Free name, e.g. `order_status`. */
  type: string;
  /** Any JSON value. Absent only where there is a template. */
  content?: unknown;
  /** The content in other languages, by BCP 47 tag in lower case; each reader gets the closest. Default: none. */
  locales?: Record<string, unknown>;
  /** A stored template in place of `content` and `locales`; filled now, in all its languages. */
  template?: TemplateUse;
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

/** What is told, without a template that would have to be filled first. */
export type PlainNotification = Omit<Notification, 'template'>;

/** Whom something is told: one user, into his inbox, or an audience, through the broadcast channel. */
export type NotificationTarget = { to: string } | { audience: NotificationAudience };

/** Ready to be stored: JSON, and does not depend on a template any more. */
export interface ReadyNotification extends Omit<PlainNotification, 'key'> {
  /** Digest of the template's name and data, where it was made from one. */
  source?: string;
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
    private readonly templates: TemplateService,
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

  /**
   * Into one user's inbox. Resolves after the commit; rejects with a retryable AppError if the store did not confirm, and
   * as {@link TemplateService.render} does for a template.
   */
  notifyUser(userId: string, notification: Notification): Promise<NotifyResult> {
    return this.publish({ to: userId }, notification);
  }

  /**
   * Into the inbox of each; the outcomes are in the order of the ids. One refusal rejects, the others are stored. A
   * template is filled once.
   */
  async notifyUsers(userIds: readonly string[], notification: Notification): Promise<NotifyResult[]> {
    const { template, key } = notification;
    for (const to of userIds) this.check({ to }, notification);
    const ready = template ? { ...(await this.ready(notification)), key } : notification;
    return Promise.all(userIds.map((userId) => this.store({ to: userId }, ready).toPromise()));
  }

  /**
   * To everybody or to an audience: one entry, however many users there are. Who is away gets it on return, if he is in
   * the audience then; who is not in it never learns of it.
   */
  broadcast({ audience = 'all', ...notification }: Broadcast): Promise<NotifyResult> {
    return this.publish({ audience }, notification);
  }

  /** Like {@link notifyUser} and {@link broadcast}. */
  async publish(target: NotificationTarget, notification: Notification): Promise<NotifyResult> {
    this.check(target, notification);
    const { template, key } = notification;
    if (!template) return this.store(target, notification).toPromise();
    const ready = await this.readyOnce(target, notification);
    return this.store(target, { ...ready, key }).toPromise();
  }

  /** AppError `invalid` for a target or a content that {@link publish} would refuse whatever is stored. */
  check(target: NotificationTarget, { content, template }: Notification): void {
    placeFor(target);
    if (content === undefined && !template) throw invalidField('content', 'Content or a template is needed');
    if (content !== undefined && template) throw invalidField('content', 'Give either content or a template');
  }

  /** Fills the template, if there is one: from here on it makes no difference what becomes of it. */
  async ready({ template, key: _key, ...notification }: Notification): Promise<ReadyNotification> {
    if (!template) return notification;
    const rendered = await this.templates.render(template);
    return { ...notification, ...rendered, source: sourceOf(template) };
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
      clientId: withdrawalKey(seq),
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

  /** Stores what is ready: has its place in the order when it returns, and settles at the commit. */
  store(
    target: NotificationTarget,
    { key = uuid(), ...notification }: ReadyNotification & { key?: string },
  ): Deferred<NotifyResult> {
    const { expiresAt } = notification;
    const request: AppendRequest = {
      ...placeFor(target),
      sender: SYSTEM_SENDER,
      clientId: key,
      body: bodyOf(notification, audienceOfTarget(target)),
      repeats: isRepetition,
      ...(expiresAt !== undefined && { rule: unexpired(expiresAt) }),
    };
    const { conversation } = request;
    return this.journal
      .submit(request)
      .map(({ entry: { seq, time }, duplicate }) => resultOf(conversation, seq, time, duplicate));
  }

  /** A repetition is answered as the first time also when the template has changed, or is gone. */
  private async readyOnce(
    target: NotificationTarget,
    notification: Notification,
  ): Promise<ReadyNotification> {
    try {
      return await this.ready(notification);
    } catch (error) {
      const { key, template, ...rest } = notification;
      const { conversation } = placeFor(target);
      const known =
        key !== undefined &&
        (await this.journal.entryOf({ conversation, sender: SYSTEM_SENDER, clientId: key }));
      if (!known || !template) throw error;
      return { ...rest, content: null, source: sourceOf(template) };
    }
  }
}

const sourceOf = ({ name, data = {} }: TemplateUse): string => digestOf({ name, data });

const audienceOfTarget = (target: NotificationTarget): NotificationAudience | undefined =>
  'to' in target || target.audience === 'all' ? undefined : target.audience;

/** AppError `invalid` for what is no user id. */
function placeFor(target: NotificationTarget): Pick<AppendRequest, 'conversation' | 'create' | 'type'> {
  if (!('to' in target)) {
    const type = audienceOfTarget(target) ? LIMITED_ENTRY : NOTIFICATION_ENTRY;
    return { conversation: BROADCAST_CONVERSATION, type };
  }
  if (!isUserId(target.to)) throw invalidField('to', 'Not a user id');
  return {
    conversation: inboxConversation(target.to),
    create: { kind: 'inbox', members: [target.to] },
    type: NOTIFICATION_ENTRY,
  };
}

function presented(entry: Entry): Presented | undefined {
  if (!isShown(entry.body as NotificationBody | ErasedBody, Date.now())) return undefined;
  return { type: EVENT, data: toNotificationMessage(entry), translations: translationsOf(entry) };
}

const audienceOf = (entry: Entry): EntryFilter | undefined =>
  filterFor((entry.body as NotificationBody).audience);

function bodyOf(
  { type, content, locales, source, priority, expiresAt }: ReadyNotification,
  audience: NotificationAudience | undefined,
): NotificationBody {
  return {
    type,
    content,
    ...(locales && { locales }),
    ...(source !== undefined && { source }),
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
