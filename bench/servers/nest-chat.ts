import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import {
  ConnectedSocket,
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
} from '@nestjs/websockets';
import { DataSource } from 'typeorm';
import { type Client, welcome } from './known-user.guard.js';
import { MessageEntity } from './message.entity.js';
import { serveGateway } from './nest-gateway.js';
import { openTypeOrm } from './type-orm.js';

/** A durable chat as a team would write it first: Nest's own adapter, `repository.save` for each message. */
interface Draft {
  id: number;
  to: string;
  kind: string;
  content: string;
  clientId: string;
}

/**
 * TypeORM has one connection for SQLite: a save that begins while another is at it joins its transaction, and is told
 * that it is done before that one commits. Who has found that out lets them wait for one another.
 */
const IN_TURN = process.env.SAVE_IN_TURN === 'true';

@WebSocketGateway()
class ChatGateway implements OnGatewayConnection<Client> {
  private readonly users = new Map<string, Client>();

  private last: Promise<unknown> = Promise.resolve();

  constructor(private readonly dataSource: DataSource) {}

  handleConnection(client: Client, request: IncomingMessage): void {
    welcome(client, request);
    this.users.set(client.user, client);
  }

  @SubscribeMessage('chat.send')
  async send(@ConnectedSocket() client: Client, @MessageBody() draft: Draft) {
    const { id, to, kind, content, clientId } = draft;
    const conversationId = client.user < to ? `dm:${client.user}:${to}` : `dm:${to}:${client.user}`;
    const saved = await this.save({
      conversationId,
      senderId: client.user,
      clientId,
      body: JSON.stringify({ kind, content }),
      createdAt: Date.now(),
    });
    const stored = { conversation: conversationId, seq: saved.id, time: saved.createdAt };
    const data = { ...stored, from: client.user, to, kind, content, clientId };
    this.users.get(to)?.send(JSON.stringify({ event: 'chat.message', data }));
    return { event: 'ok', data: { id, ...stored } };
  }

  private save(message: Omit<MessageEntity, 'id'>): Promise<MessageEntity> {
    const repository = this.dataSource.getRepository(MessageEntity);
    const save = (): Promise<MessageEntity> => repository.save(repository.create(message));
    const saved = IN_TURN ? this.last.then(save) : save();
    this.last = saved.catch(() => undefined);
    return saved;
  }
}

await serveGateway([ChatGateway, { provide: DataSource, useFactory: () => openTypeOrm([MessageEntity]) }]);
