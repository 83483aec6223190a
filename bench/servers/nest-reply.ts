import 'reflect-metadata';
import type { IncomingMessage } from 'node:http';
import {
  type CanActivate,
  type ExecutionContext,
  Injectable,
  Module,
  type PipeTransform,
  UseGuards,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import {
  MessageBody,
  type OnGatewayConnection,
  SubscribeMessage,
  WebSocketGateway,
  WsException,
} from '@nestjs/websockets';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import { nestListening } from './nest-listening.js';

/** A command through Nest's own adapter, with a guard and a schema as its documentation has them. */
const Typing = z.strictObject({
  id: z.int(),
  to: z.string().min(1).max(120),
  active: z.boolean().default(true),
});
type Typing = z.infer<typeof Typing>;

type Client = WebSocket & { user?: string };

@Injectable()
class KnownUserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return context.switchToWs().getClient<Client>().user !== undefined;
  }
}

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
class TypingGateway implements OnGatewayConnection<Client> {
  handleConnection(client: Client, request: IncomingMessage): void {
    client.user = String(request.headers['x-user']);
    client.send('{"event":"ready"}');
  }

  @SubscribeMessage('chat.typing')
  typing(@MessageBody(new SchemaPipe(Typing)) { id }: Typing) {
    return { event: 'ok', data: { id } };
  }
}

@Module({ providers: [TypingGateway] })
class TypingModule {}

const app = await NestFactory.create(TypingModule, { logger: false, abortOnError: false });
app.useWebSocketAdapter(new WsAdapter(app));
await nestListening(app);
