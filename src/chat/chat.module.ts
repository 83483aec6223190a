import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BeforeSendHooks } from './before-send.js';
import { ChatController } from './chat.controller.js';
import { ChatGateway } from './chat.gateway.js';
import { ConversationService } from './conversation.service.js';
import { ConversationSettingsRepository } from './conversation-settings.repository.js';
import { ConversationSettingsService } from './conversation-settings.service.js';
import { InboxGateway } from './inbox.gateway.js';
import { MentionRepository } from './mention.repository.js';
import { MentionService } from './mention.service.js';
import { MessageReferences } from './message-references.js';
import { MessageService } from './message.service.js';
import { OnBehalfService } from './on-behalf.service.js';
import { ReaderService } from './reader.service.js';
import { TypingService } from './typing.service.js';
import { UnreadService } from './unread.service.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [ChatController],
  providers: [
    BeforeSendHooks,
    ChatGateway,
    ConversationService,
    ConversationSettingsRepository,
    ConversationSettingsService,
    InboxGateway,
    MentionRepository,
    MentionService,
    MessageReferences,
    MessageService,
    OnBehalfService,
    ReaderService,
    TypingService,
    UnreadService,
  ],
  exports: [
    ConversationService,
    ConversationSettingsService,
    MessageReferences,
    MessageService,
    UnreadService,
  ],
})
export class ChatModule {}
