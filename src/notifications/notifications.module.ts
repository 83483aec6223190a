import { Global, Module } from '@nestjs/common';
import { InboxController } from './inbox.controller.js';
import { InboxRepository } from './inbox.repository.js';
import { InboxService } from './inbox.service.js';
import { LocaleRepository } from './locale.repository.js';
import { LocaleService } from './locale.service.js';
import { NotificationGateway } from './notification.gateway.js';
import { NotificationService } from './notification.service.js';
import { PublishController } from './publish.controller.js';

@Global()
@Module({
  controllers: [InboxController, PublishController],
  providers: [
    InboxRepository,
    InboxService,
    LocaleRepository,
    LocaleService,
    NotificationGateway,
    NotificationService,
  ],
  exports: [NotificationService, InboxService],
})
export class NotificationsModule {}
