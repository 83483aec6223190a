import 'reflect-metadata';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Module, type INestApplication, type Type } from '@nestjs/common';
import { MessageBody, SubscribeMessage, WebSocketGateway } from '@nestjs/websockets';
import type { z } from 'zod';
import { Typing } from './nest-reply/typing.js';

interface Config {
  http: { port: number; host: string };
}

/** Of the built package, which may be that of another checkout. */
interface Rookery {
  loadEnvironment(): Config;
  createApp(config: Config, modules: Type[]): Promise<INestApplication>;
}

/** Ours has the id of a command beside its data. */
const Request = Typing.omit({ id: true });

/** What the yardsticks have, as somebody who extends Rookery writes it. */
@WebSocketGateway()
class TypingGateway {
  @SubscribeMessage('bench.typing')
  typing(@MessageBody({ schema: Request }) _request: z.infer<typeof Request>) {
    return null;
  }
}

@Module({ providers: [TypingGateway] })
class TypingModule {}

const root = process.argv[2] as string;
const { createApp, loadEnvironment } = (await import(
  pathToFileURL(join(root, 'dist/index.js')).href
)) as Rookery;
const config = loadEnvironment();
const app = await createApp(config, [TypingModule]);
await app.listen(config.http.port, config.http.host);
console.log('Rookery is ready');
