import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { setupOpenApi } from './api-docs/index.js';
import { AppModule, type Ports } from './app.module.js';
import type { AppConfig } from './config/index.js';
import { PinoLogger, createPino, requestLog } from './logging/index.js';
import { Metrics, httpMetrics } from './metrics/index.js';
import {
  AddressBlockList,
  RookeryHttpAdapter,
  RookeryWsAdapter,
  isJsonCall,
  refuseBlocked,
  requireUpgrade,
} from './transport/index.js';

@Module({})
class RootModule {}

/**
 * The server as a Nest application, not yet listening. `modules` are your own, beside ours: their gateways, controllers
 * and hooks are found, and what we export (HubService, MessageService, NotificationService, …) can be injected there. `ports` are what you put
 * in the place of ours.
 */
export async function createApp(
  config: AppConfig,
  modules: (Type | DynamicModule)[] = [],
  ports: Ports = {},
): Promise<NestExpressApplication> {
  const pino = createPino(config);
  const root: DynamicModule = { module: RootModule, imports: [AppModule.forRoot(config, ports), ...modules] };
  const app = await NestFactory.create<NestExpressApplication>(
    root,
    new RookeryHttpAdapter(config.http.tls),
    {
      logger: new PinoLogger(pino),
      bodyParser: false,
      abortOnError: false,
    },
  );
  // Pages bring a policy of their own, JSON needs none; whether the domain is https for good is the proxy's to say.
  app.useSecurityHeaders({ contentSecurityPolicy: false, strictTransportSecurity: false });
  if (config.http.trustedProxies.length > 0) app.set('trust proxy', config.http.trustedProxies);
  app.use(requestLog(pino), refuseBlocked(app.get(AddressBlockList)), httpMetrics(app.get(Metrics)));
  app.use(requireUpgrade(config));
  app.useBodyParser('json', { limit: config.ws.maxMessageSize, type: isJsonCall });
  app.useWebSocketAdapter(new RookeryWsAdapter(app));
  setupOpenApi(app);
  return app;
}
