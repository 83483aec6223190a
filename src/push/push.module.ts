import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { configuredProviders } from './configured-providers.js';
import { DeadLettersController } from './dead-letters.controller.js';
import { DeadLettersService } from './dead-letters.service.js';
import { OutboxLimit } from './outbox-limit.js';
import { PushController } from './push.controller.js';
import { PushDevicesService } from './push-devices.service.js';
import { PushFeed } from './push-feed.js';
import { PushGateway } from './push.gateway.js';
import { PushNodeRepository } from './push-node.repository.js';
import { PushOutboxRepository } from './push-outbox.repository.js';
import { PUSH_PROVIDERS } from './push-provider.js';
import { PushSender } from './push-sender.js';
import { PushService } from './push.service.js';
import { PushTokenRepository } from './push-token.repository.js';

@Global()
@Module({
  controllers: [PushController, DeadLettersController],
  providers: [
    { provide: PUSH_PROVIDERS, inject: [AppConfig], useFactory: configuredProviders },
    DeadLettersService,
    OutboxLimit,
    PushDevicesService,
    PushFeed,
    PushGateway,
    PushNodeRepository,
    PushOutboxRepository,
    PushSender,
    PushService,
    PushTokenRepository,
  ],
  exports: [PUSH_PROVIDERS],
})
export class PushModule {}
