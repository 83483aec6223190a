import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import {
  PresenceGet,
  PresencePrivacyChange,
  PresenceSet,
  PresenceSubscribe,
  PresenceUnsubscribe,
  PresenceWatch,
} from './presence.schema.js';
import { PresenceService } from './presence.service.js';

@WebSocketGateway()
export class PresenceGateway {
  constructor(private readonly presence: PresenceService) {}

  @SubscribeMessage('presence.set')
  set(@CurrentConnection() connection: Connection, @MessageBody({ schema: PresenceSet }) wish: PresenceSet) {
    return this.presence.set(connection, wish);
  }

  @SubscribeMessage('presence.get')
  get(@CurrentConnection() connection: Connection, @MessageBody({ schema: PresenceGet }) query: PresenceGet) {
    return this.presence.get(connection.userId, query.users);
  }

  @SubscribeMessage('presence.subscribe')
  subscribe(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: PresenceSubscribe }) { users }: PresenceSubscribe,
  ) {
    return this.presence.subscribe(connection, users);
  }

  @SubscribeMessage('presence.unsubscribe')
  unsubscribe(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: PresenceUnsubscribe }) { users }: PresenceUnsubscribe,
  ) {
    this.presence.unsubscribe(connection, users);
  }

  @SubscribeMessage('presence.watch')
  watch(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: PresenceWatch }) { group }: PresenceWatch,
  ) {
    return this.presence.watch(connection, group);
  }

  @SubscribeMessage('presence.unwatch')
  unwatch(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: PresenceWatch }) { group }: PresenceWatch,
  ) {
    this.presence.unwatch(connection, group);
  }

  @SubscribeMessage('presence.privacy')
  privacy(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: PresencePrivacyChange }) change: PresencePrivacyChange,
  ) {
    return this.presence.privacy(connection.userId, change);
  }
}
