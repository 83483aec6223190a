import { Global, Module } from '@nestjs/common';
import { InboxReader } from './inbox/inbox-reader.js';
import { InboxController } from './inbox/inbox.controller.js';
import { InboxRepository } from './inbox/inbox.repository.js';
import { InboxService } from './inbox/inbox.service.js';
import { LocaleRepository } from './locale.repository.js';
import { LocaleService } from './locale.service.js';
import { NotificationGateway } from './notification.gateway.js';
import { NotificationService } from './notification.service.js';
import { PublishController } from './publish.controller.js';
import { PublishService } from './publish.service.js';
import { DeliveryReportService } from './report/delivery-report.service.js';
import { ReportRepository } from './report/report.repository.js';
import { RoleKeeper } from './role-keeper.js';
import { RoleRepository } from './role.repository.js';
import { NotificationScheduler } from './schedule/notification-scheduler.js';
import { ScheduleController } from './schedule/schedule.controller.js';
import { ScheduleRepository } from './schedule/schedule.repository.js';
import { TemplateController } from './templates/template.controller.js';
import { TemplateRepository } from './templates/template.repository.js';
import { TemplateService } from './templates/template.service.js';

@Global()
@Module({
  controllers: [InboxController, PublishController, ScheduleController, TemplateController],
  providers: [
    InboxReader,
    InboxRepository,
    InboxService,
    LocaleRepository,
    LocaleService,
    NotificationGateway,
    DeliveryReportService,
    NotificationScheduler,
    NotificationService,
    PublishService,
    ReportRepository,
    RoleKeeper,
    RoleRepository,
    ScheduleRepository,
    TemplateRepository,
    TemplateService,
  ],
  exports: [NotificationService, NotificationScheduler, DeliveryReportService, RoleKeeper, TemplateService],
})
export class NotificationsModule {}
