import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import { ContactList, ContactOther, ContactRemark, ContactRequest } from './contact.schema.js';
import { ContactService } from './contact.service.js';

@WebSocketGateway()
export class ContactGateway {
  constructor(private readonly contacts: ContactService) {}

  @SubscribeMessage('contact.request')
  request(
    @CurrentConnection() { userId }: Connection,
    @MessageBody({ schema: ContactRequest }) { to, message }: ContactRequest,
  ) {
    return this.contacts.request(userId, to, message);
  }

  @SubscribeMessage('contact.accept')
  accept(
    @CurrentConnection() { userId }: Connection,
    @MessageBody({ schema: ContactOther }) { user }: ContactOther,
  ) {
    return this.contacts.act(userId, user, 'accept');
  }

  @SubscribeMessage('contact.decline')
  decline(
    @CurrentConnection() { userId }: Connection,
    @MessageBody({ schema: ContactOther }) { user }: ContactOther,
  ) {
    return this.contacts.act(userId, user, 'decline');
  }

  @SubscribeMessage('contact.remove')
  remove(
    @CurrentConnection() { userId }: Connection,
    @MessageBody({ schema: ContactOther }) { user }: ContactOther,
  ) {
    return this.contacts.act(userId, user, 'remove');
  }

  @SubscribeMessage('contact.remark')
  remark(
    @CurrentConnection() { userId }: Connection,
    @MessageBody({ schema: ContactRemark }) { user, remark }: ContactRemark,
  ) {
    return this.contacts.remark(userId, user, remark);
  }

  @SubscribeMessage('contact.block')
  block(
    @CurrentConnection() { userId }: Connection,
    @MessageBody({ schema: ContactOther }) { user }: ContactOther,
  ) {
    return this.contacts.act(userId, user, 'block');
  }

  @SubscribeMessage('contact.unblock')
  unblock(
    @CurrentConnection() { userId }: Connection,
    @MessageBody({ schema: ContactOther }) { user }: ContactOther,
  ) {
    return this.contacts.act(userId, user, 'unblock');
  }

  @SubscribeMessage('contact.list')
  list(
    @CurrentConnection() { userId }: Connection,
    @MessageBody({ schema: ContactList }) query: ContactList,
  ) {
    return this.contacts.list(userId, query);
  }
}
