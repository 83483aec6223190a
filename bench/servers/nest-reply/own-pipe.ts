import 'reflect-metadata';
import { type PipeTransform, UseGuards } from '@nestjs/common';
import {
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import type { z } from 'zod';
import { KnownUserGuard, welcome } from '../known-user.guard.js';
import { serveGateway } from '../nest-gateway.js';
import { Typing } from './typing.js';

/** The least that a team could write by itself. */
class SchemaPipe implements PipeTransform {
  constructor(private readonly schema: z.ZodType) {}

  transform(value: unknown): unknown {
    const result = this.schema.safeParse(value);
    if (!result.success) throw new WsException(result.error.message);
    return result.data;
  }
}

@WebSocketGateway()
@UseGuards(KnownUserGuard)
class TypingGateway implements OnGatewayConnection {
  handleConnection = welcome;

  @SubscribeMessage('chat.typing')
  typing(@MessageBody(new SchemaPipe(Typing)) { id }: Typing) {
    return { event: 'ok', data: { id } };
  }
}

await serveGateway([TypingGateway]);
