import { Injectable } from '@nestjs/common';
import { NotificationService, type NotificationTarget, type NotifyResult } from './notification.service.js';
import type { PublishBody } from './publish.schema.js';
import { NotificationScheduler, type ScheduledNotification } from './schedule/notification-scheduler.js';

/** What an administrator asks for, now or later. */
@Injectable()
export class PublishService {
  constructor(
    private readonly notifications: NotificationService,
    private readonly scheduler: NotificationScheduler,
  ) {}

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
