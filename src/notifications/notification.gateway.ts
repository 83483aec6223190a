import { UseGuards } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Roles, RolesGuard } from '../auth/index.js';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import { InboxReader } from './inbox/inbox-reader.js';
import { InboxService, type InboxOwner } from './inbox/inbox.service.js';
import { LocaleService } from './locale.service.js';
import {
  NotificationBroadcast,
  NotificationCancel,
  NotificationList,
  NotificationLocale,
  NotificationNames,
  NotificationSchedule,
  NotificationSend,
} from './notification.schema.js';
import { PublishService } from './publish.service.js';

/** What users do with their notifications, and what administrators and back-end services that keep a connection publish. */
@WebSocketGateway()
export class NotificationGateway {
  constructor(
    private readonly publisher: PublishService,
    private readonly reader: InboxReader,
    private readonly inbox: InboxService,
    private readonly locales: LocaleService,
  ) {}

  @UseGuards(RolesGuard)
  @Roles('admin')
  @SubscribeMessage('notification.send')
  send(@MessageBody({ schema: NotificationSend }) { to, ...notification }: NotificationSend) {
    return this.publisher.submit({ to }, notification);
  }

  @UseGuards(RolesGuard)
  @Roles('admin')
  @SubscribeMessage('notification.broadcast')
  broadcast(
    @MessageBody({ schema: NotificationBroadcast })
    { audience = 'all', ...notification }: NotificationBroadcast,
  ) {
    return this.publisher.submit({ audience }, notification);
  }

  @UseGuards(RolesGuard)
  @Roles('admin')
  @SubscribeMessage('notification.schedule')
  schedule(@MessageBody({ schema: NotificationSchedule }) notification: NotificationSchedule) {
    return this.publisher.schedule(notification);
  }

  @UseGuards(RolesGuard)
  @Roles('admin')
  @SubscribeMessage('notification.cancel')
  cancel(@MessageBody({ schema: NotificationCancel }) { id }: NotificationCancel) {
    return this.publisher.cancel(id);
  }

  @SubscribeMessage('notification.list')
  list(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: NotificationList }) page: NotificationList,
  ) {
    return this.reader.list(ownerAt(connection), page);
  }

  @SubscribeMessage('notification.unread')
  unread(@CurrentConnection() connection: Connection) {
    return this.reader.unread(ownerAt(connection));
  }

  @SubscribeMessage('notification.read')
  read(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: NotificationNames }) names: NotificationNames,
  ) {
    return this.inbox.read(ownerAt(connection), names);
  }

  @SubscribeMessage('notification.readAll')
  readAll(@CurrentConnection() connection: Connection) {
    return this.inbox.readAll(ownerAt(connection));
  }

  @SubscribeMessage('notification.delete')
  delete(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: NotificationNames }) names: NotificationNames,
  ) {
    return this.inbox.delete(ownerAt(connection), names);
  }

  @SubscribeMessage('notification.locale')
  locale(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: NotificationLocale }) { locale }: NotificationLocale,
  ) {
    return this.locales.set(connection.userId, locale);
  }
}

function ownerAt({ id, userId, device, principal: { roles } }: Connection): InboxOwner {
  return { id, userId, device, roles };
}
