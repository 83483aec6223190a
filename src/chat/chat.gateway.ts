import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../hub/index.js';
import { CurrentConnection } from '../transport/index.js';
import { BroadcastService } from './broadcast.service.js';
import { ChatBroadcast, ChatHistory, ChatMark, ChatSend, ChatSync, ChatTyping } from './chat.schema.js';
import { ConversationService } from './conversation.service.js';
import { MessageService } from './message.service.js';
import { TypingService } from './typing.service.js';

@WebSocketGateway()
export class ChatGateway {
  constructor(
    private readonly messages: MessageService,
    private readonly conversations: ConversationService,
    private readonly whoTypes: TypingService,
    private readonly broadcasts: BroadcastService,
  ) {}

  @SubscribeMessage('chat.send')
  send(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatSend }) message: ChatSend) {
    return this.messages.submit(connection.userId, message, {
      principal: connection.principal,
      origin: connection.id,
      device: connection.device,
    });
  }

  @SubscribeMessage('chat.delivered')
  delivered(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatMark }) mark: ChatMark) {
    return this.conversations.delivered(connection, mark.conversation, mark.seq);
  }

  @SubscribeMessage('chat.read')
  read(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatMark }) mark: ChatMark) {
    return this.conversations.read(connection, mark.conversation, mark.seq);
  }

  @SubscribeMessage('chat.history')
  history(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: ChatHistory }) query: ChatHistory,
  ) {
    return this.conversations.history(connection.userId, query, query, connection.principal.roles);
  }

  @SubscribeMessage('chat.sync')
  sync(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatSync }) page: ChatSync) {
    return this.conversations.sync(connection.userId, page);
  }

  @SubscribeMessage('chat.typing')
  typing(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: ChatTyping }) command: ChatTyping,
  ) {
    return this.whoTypes.tell(connection.userId, command, command.active);
  }

  @SubscribeMessage('chat.broadcast')
  broadcast(
    @CurrentConnection() { userId, principal }: Connection,
    @MessageBody({ schema: ChatBroadcast }) draft: ChatBroadcast,
  ) {
    return this.broadcasts.say(userId, draft, principal);
  }
}
