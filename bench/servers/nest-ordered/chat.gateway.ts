import type { IncomingMessage } from 'node:http';
import { UseFilters, UseGuards } from '@nestjs/common';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { type Client, KnownUserGuard, welcome } from '../known-user.guard.js';
import { WsExceptionFilter } from '../ws-exception.filter.js';
import { MessageStore } from './message-store.js';
import { SendDto } from './send.dto.js';

@WebSocketGateway()
@UseGuards(KnownUserGuard)
@UseFilters(WsExceptionFilter)
export class ChatGateway implements OnGatewayConnection<Client> {
  private readonly users = new Map<string, Client>();

  constructor(private readonly store: MessageStore) {}

  handleConnection(client: Client, request: IncomingMessage): void {
    welcome(client, request);
    this.users.set(client.user, client);
  }

  @SubscribeMessage('chat.send')
  async send(@ConnectedSocket() client: Client, @MessageBody() { id, to, kind, content, clientId }: SendDto) {
    const { user } = client;
    const conversation = user < to ? `dm:${user}:${to}` : `dm:${to}:${user}`;
    const { seq, createdAt: time } = await this.store.append({
      conversationId: conversation,
      senderId: user,
      clientId,
      body: JSON.stringify({ kind, content }),
      createdAt: Date.now(),
    });
    const stored = { conversation, seq, time };
    const data = { ...stored, from: user, to, kind, content, clientId };
    this.users.get(to)?.send(JSON.stringify({ event: 'chat.message', data }));
    return { event: 'ok', data: { id, ...stored } };
  }
}
