import { Global, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { ActionOnBehalfService } from './actions/action-on-behalf.service.js';
import { ActionPresenters } from './actions/action-presenters.js';
import { EditService } from './actions/edit.service.js';
import { ForwardService } from './actions/forward.service.js';
import { HideService } from './actions/hide.service.js';
import { MessageActionService } from './actions/message-action.service.js';
import { MessageActionsController } from './actions/message-actions.controller.js';
import { MessageActionsGateway } from './actions/message-actions.gateway.js';
import { PinRepository } from './actions/pin.repository.js';
import { PinService } from './actions/pin.service.js';
import { ReactionRepository } from './actions/reaction.repository.js';
import { ReactionService } from './actions/reaction.service.js';
import { RecallService } from './actions/recall.service.js';
import { BeforeSendHooks } from './before-send.js';
import { BroadcastService } from './broadcast.service.js';
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

const ACTIONS = [EditService, ForwardService, HideService, PinService, ReactionService, RecallService];

@Global()
@Module({
  imports: [DiscoveryModule],
  controllers: [ChatController, MessageActionsController],
  providers: [
    ...ACTIONS,
    ActionOnBehalfService,
    ActionPresenters,
    BeforeSendHooks,
    BroadcastService,
    ChatGateway,
    ConversationService,
    ConversationSettingsRepository,
    ConversationSettingsService,
    InboxGateway,
    MentionRepository,
    MentionService,
    MessageActionService,
    MessageActionsGateway,
    MessageReferences,
    MessageService,
    OnBehalfService,
    PinRepository,
    ReactionRepository,
    ReaderService,
    TypingService,
    UnreadService,
  ],
  exports: [
    ...ACTIONS,
    ConversationService,
    ConversationSettingsService,
    MessageReferences,
    MessageService,
    UnreadService,
  ],
})
export class ChatModule {}
