import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import { ChatMentions, ChatUnread } from './chat.schema.js';
import { MentionService } from './mention.service.js';
import { UnreadService } from './unread.service.js';

/** What a list of conversations shows beside the messages. */
@WebSocketGateway()
export class InboxGateway {
  constructor(
    private readonly counts: UnreadService,
    private readonly found: MentionService,
  ) {}

  @SubscribeMessage('chat.unread')
  unread(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatUnread }) _data: object) {
    return this.counts.total(connection.userId);
  }

  @SubscribeMessage('chat.mentions')
  mentions(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: ChatMentions }) page: ChatMentions,
  ) {
    return this.found.list(connection.userId, page);
  }
}
