import { UseGuards } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Roles, RolesGuard } from '../auth/index.js';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import { InboxService, type InboxOwner } from './inbox.service.js';
import { LocaleService } from './locale.service.js';
import {
  NotificationBroadcast,
  NotificationList,
  NotificationLocale,
  NotificationNames,
  NotificationSend,
} from './notification.schema.js';
import { NotificationService } from './notification.service.js';

/** What users do with their notifications, and what administrators and back-end services that keep a connection publish. */
@WebSocketGateway()
export class NotificationGateway {
  constructor(
    private readonly notifications: NotificationService,
    private readonly inbox: InboxService,
    private readonly locales: LocaleService,
  ) {}

  @UseGuards(RolesGuard)
  @Roles('admin')
  @SubscribeMessage('notification.send')
  send(@MessageBody({ schema: NotificationSend }) { to, clientId, ...notification }: NotificationSend) {
    return this.notifications.submit(to, { ...notification, key: clientId });
  }

  @UseGuards(RolesGuard)
  @Roles('admin')
  @SubscribeMessage('notification.broadcast')
  broadcast(
    @MessageBody({ schema: NotificationBroadcast }) { clientId, ...notification }: NotificationBroadcast,
  ) {
    return this.notifications.submitBroadcast({ ...notification, key: clientId });
  }

  @SubscribeMessage('notification.list')
  list(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: NotificationList }) page: NotificationList,
  ) {
    return this.inbox.list(ownerAt(connection), page);
  }

  @SubscribeMessage('notification.unread')
  unread(@CurrentConnection() connection: Connection) {
    return this.inbox.unread(ownerAt(connection));
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
