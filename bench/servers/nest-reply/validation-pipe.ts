import 'reflect-metadata';
import { UseFilters, UseGuards, ValidationPipe } from '@nestjs/common';
import {
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { KnownUserGuard, welcome } from '../known-user.guard.js';
import { serveGateway } from '../nest-gateway.js';
import { WsExceptionFilter } from '../ws-exception.filter.js';
import { TypingDto } from './typing.dto.js';

/** What Nest's documentation validates with first: `ValidationPipe`, its options as they come. */
@WebSocketGateway()
@UseGuards(KnownUserGuard)
@UseFilters(WsExceptionFilter)
class TypingGateway implements OnGatewayConnection {
  handleConnection = welcome;

  @SubscribeMessage('chat.typing')
  typing(@MessageBody() { id }: TypingDto) {
    return { event: 'ok', data: { id } };
  }
}

await serveGateway([TypingGateway], new ValidationPipe());
