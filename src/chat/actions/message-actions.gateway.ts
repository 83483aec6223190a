import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { Connection } from '../../hub/index.js';
import { CurrentConnection } from '../../transport/index.js';
import { EditService } from './edit.service.js';
import { ForwardService } from './forward.service.js';
import { HideService } from './hide.service.js';
import {
  ChatEdit,
  ChatForward,
  ChatHide,
  ChatPin,
  ChatPins,
  ChatReact,
  ChatRecall,
} from './message-actions.schema.js';
import { optionsOf } from './options-of.js';
import { PinService } from './pin.service.js';
import { ReactionService } from './reaction.service.js';
import { RecallService } from './recall.service.js';

/** What is done to messages that are there. */
@WebSocketGateway()
export class MessageActionsGateway {
  constructor(
    private readonly edits: EditService,
    private readonly recalls: RecallService,
    private readonly reactions: ReactionService,
    private readonly pins: PinService,
    private readonly hiding: HideService,
    private readonly forwarding: ForwardService,
  ) {}

  @SubscribeMessage('chat.edit')
  edit(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatEdit }) edit: ChatEdit) {
    return this.edits.submit(connection.userId, edit, optionsOf(connection));
  }

  @SubscribeMessage('chat.recall')
  recall(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: ChatRecall }) recall: ChatRecall,
  ) {
    return this.recalls.submit(connection.userId, recall, optionsOf(connection));
  }

  @SubscribeMessage('chat.react')
  react(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: ChatReact }) reaction: ChatReact,
  ) {
    return this.reactions.submit(connection.userId, reaction, optionsOf(connection));
  }

  @SubscribeMessage('chat.pin')
  pin(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatPin }) pin: ChatPin) {
    return this.pins.submit(connection.userId, pin, optionsOf(connection));
  }

  @SubscribeMessage('chat.pins')
  pinned(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatPins }) query: ChatPins) {
    return this.pins.list(connection.userId, query, query);
  }

  @SubscribeMessage('chat.hide')
  hide(@CurrentConnection() connection: Connection, @MessageBody({ schema: ChatHide }) messages: ChatHide) {
    return this.hiding.submit(connection.userId, messages, optionsOf(connection));
  }

  @SubscribeMessage('chat.forward')
  forward(
    @CurrentConnection() connection: Connection,
    @MessageBody({ schema: ChatForward }) forward: ChatForward,
  ) {
    return this.forwarding.submit(connection.userId, forward, optionsOf(connection));
  }
}
