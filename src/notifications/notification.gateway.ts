import { UseGuards } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { Roles, RolesGuard } from '../auth/index.js';
import { NotificationBroadcast, NotificationSend } from './notification.schema.js';
import { NotificationService } from './notification.service.js';

/** What administrators and back-end services that keep a connection do over it instead of over REST. */
@UseGuards(RolesGuard)
@Roles('admin')
@WebSocketGateway()
export class NotificationGateway {
  constructor(private readonly notifications: NotificationService) {}

  @SubscribeMessage('notification.send')
  send(@MessageBody({ schema: NotificationSend }) { to, clientId, ...notification }: NotificationSend) {
    return this.notifications.submit(to, { ...notification, key: clientId });
  }

  @SubscribeMessage('notification.broadcast')
  broadcast(
    @MessageBody({ schema: NotificationBroadcast }) { clientId, ...notification }: NotificationBroadcast,
  ) {
    return this.notifications.submitBroadcast({ ...notification, key: clientId });
  }
}
