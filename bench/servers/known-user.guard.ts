import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import type { IncomingMessage } from 'node:http';
import type { WebSocket } from 'ws';

export type Client = WebSocket & { user: string };

/** As a gateway does in `handleConnection`, and tells the client that it is there. */
export function welcome(client: Client, request: IncomingMessage): void {
  client.user = String(request.headers['x-user']);
  client.send('{"event":"ready"}');
}

/** Looks for the user whom the connection was made for; a token is not verified. */
@Injectable()
export class KnownUserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToWs().getClient<Client>().user !== undefined;
  }
}
