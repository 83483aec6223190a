import 'reflect-metadata';
import { StandardSchemaValidationPipe, UseFilters, UseGuards } from '@nestjs/common';
import {
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { KnownUserGuard, welcome } from '../known-user.guard.js';
import { serveGateway } from '../nest-gateway.js';
import { WsExceptionFilter } from '../ws-exception.filter.js';
import { Typing } from './typing.js';

/** What Nest 12 has for schemas: its own `StandardSchemaValidationPipe`, and the schema at the parameter. */
@WebSocketGateway()
@UseGuards(KnownUserGuard)
@UseFilters(WsExceptionFilter)
class TypingGateway implements OnGatewayConnection {
  handleConnection = welcome;

  @SubscribeMessage('chat.typing')
  typing(@MessageBody({ schema: Typing }) { id }: Typing) {
    return { event: 'ok', data: { id } };
  }
}

await serveGateway([TypingGateway], new StandardSchemaValidationPipe());
