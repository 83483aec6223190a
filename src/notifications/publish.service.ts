import { Injectable } from '@nestjs/common';
import type { Deferred } from '../common/index.js';
import type { NotificationSchedule } from './notification.schema.js';
import {
  NotificationService,
  type Notification,
  type NotificationTarget,
  type NotifyResult,
} from './notification.service.js';
import type { PublishBody } from './publish.schema.js';
import { NotificationScheduler, type ScheduledNotification } from './schedule/notification-scheduler.js';

/** What an administrator asks for, now or later. */
@Injectable()
export class PublishService {
  constructor(
    private readonly notifications: NotificationService,
    private readonly scheduler: NotificationScheduler,
  ) {}

  /** By a command, at once: returns as soon as it has its place in the order, where no template has to be looked up first. */
  submit(
    target: NotificationTarget,
    { clientId: key, ...notification }: Notification & { clientId?: string },
  ): Deferred<NotifyResult> | Promise<NotifyResult> {
    return notification.template
      ? this.notifications.publish(target, { ...notification, key })
      : this.notifications.store(target, { ...notification, key });
  }

  schedule({
    to,
    audience = 'all',
    clientId: key,
    ...notification
  }: NotificationSchedule): Promise<ScheduledNotification & { duplicate: boolean }> {
    const target: NotificationTarget = to === undefined ? { audience } : { to };
    return this.scheduler.schedule(target, { ...notification, key });
  }

  async cancel(id: string): Promise<null> {
    await this.scheduler.cancel(id);
    return null;
  }

  publish(
    { to, audience = 'all', at, ...notification }: PublishBody,
    key?: string,
  ): Promise<NotifyResult | (ScheduledNotification & { duplicate: boolean })> {
    const target: NotificationTarget = to === undefined ? { audience } : { to };
    return at === undefined
      ? this.notifications.publish(target, { ...notification, key })
      : this.scheduler.schedule(target, { ...notification, key, at });
  }
}
