import { Module, type PipeTransform, type Provider } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { WsAdapter } from '@nestjs/platform-ws';
import { nestListening } from './nest-listening.js';

@Module({})
class GatewayModule {}

/** An application with Nest's own adapter and, if there is one, a global pipe. */
export async function serveGateway(providers: Provider[], pipe?: PipeTransform): Promise<void> {
  const module = { module: GatewayModule, providers };
  const app = await NestFactory.create(module, { logger: false, abortOnError: false });
  app.useWebSocketAdapter(new WsAdapter(app));
  if (pipe) app.useGlobalPipes(pipe);
  await nestListening(app);
}
