import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import { ChatMentions, ChatReaders, ChatSettings, ChatUnread } from './chat.schema.js';
import { ConversationSettingsService } from './conversation-settings.service.js';
import { MentionService } from './mention.service.js';
import { ReaderService } from './reader.service.js';
import { UnreadService } from './unread.service.js';

/** What a list of conversations shows beside the messages. */
@WebSocketGateway()
export class InboxGateway {
  constructor(
    private readonly counts: UnreadService,
    private readonly found: MentionService,
    private readonly settings: ConversationSettingsService,
    private readonly readers: ReaderService,
  ) {}

  @SubscribeMessage('chat.unread')
  unread(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatUnread }) _data: object) {
    return this.counts.total(connection.userId);
  }

  @SubscribeMessage('chat.settings')
  change(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: ChatSettings }) change: ChatSettings,
  ) {
    return this.settings.change(connection.userId, change, connection.id);
  }

  @SubscribeMessage('chat.readers')
  readBy(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: ChatReaders }) query: ChatReaders,
  ) {
    return this.readers.list(connection.userId, query);
  }

  @SubscribeMessage('chat.mentions')
  mentions(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: ChatMentions }) page: ChatMentions,
  ) {
    return this.found.list(connection.userId, page);
  }
}
