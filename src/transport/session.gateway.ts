import { ConnectedSocket, MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import { AuthSchema, type AuthCommand } from './client-session.js';
import type { RookerySocket } from './rookery-socket.js';
import { TokenRenewal } from './token-renewal.js';

/** Commands about the connection itself. */
@WebSocketGateway()
export class SessionGateway {
  constructor(private readonly renewal: TokenRenewal) {}

  @SubscribeMessage('auth')
  renew(@ConnectedSocket() client: RookerySocket, @MessageBody({ schema: AuthSchema }) command: AuthCommand) {
    return this.renewal.renew(client, command.token);
  }

  @SubscribeMessage('ping')
  ping() {
    return { event: 'pong', data: { time: Date.now() } };
  }
}
