import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { BeforeSendHooks } from './before-send.js';
import { ChatController } from './chat.controller.js';
import { ChatGateway } from './chat.gateway.js';
import { ConversationService } from './conversation.service.js';
import { MessageService } from './message.service.js';
import { OnBehalfService } from './on-behalf.service.js';

@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [ChatController],
  providers: [BeforeSendHooks, ChatGateway, ConversationService, MessageService, OnBehalfService],
  exports: [MessageService, ConversationService],
})
export class ChatModule {}
