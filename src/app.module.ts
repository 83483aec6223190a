import { Module, type DynamicModule } from '@nestjs/common';
import { AdminModule } from './admin/index.js';
import { ApiDocsModule } from './api-docs/index.js';
import { AttachmentsModule } from './attachments/index.js';
import { AuthModule } from './auth/index.js';
import { CallsModule } from './calls/index.js';
import { ChatModule } from './chat/index.js';
import { CommonModule } from './common/index.js';
import { ConfigModule, type AppConfig } from './config/index.js';
import { ConsoleModule } from './console/index.js';
import { ContactsModule } from './contacts/index.js';
import { DatabaseModule } from './database/index.js';
import { GroupsModule } from './groups/index.js';
import { HealthModule } from './health/index.js';
import { HubModule } from './hub/index.js';
import { JournalModule } from './journal/index.js';
import { MetricsModule } from './metrics/index.js';
import { NotificationsModule } from './notifications/index.js';
import { PresenceModule } from './presence/index.js';
import { PolicyModule } from './policy/index.js';
import { SearchModule } from './search/index.js';
import { PushModule } from './push/index.js';
import { TransportModule } from './transport/index.js';

/** The only place where rooms are put together. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig): DynamicModule {
    return {
      module: AppModule,
      imports: [
        ConfigModule.forRoot(config),
        CommonModule,
        MetricsModule,
        DatabaseModule,
        JournalModule,
        AuthModule,
        HubModule,
        TransportModule,
        ChatModule,
        ContactsModule.forRoot(config),
        PolicyModule.forRoot(config),
        GroupsModule,
        AttachmentsModule,
        CallsModule,
        NotificationsModule,
        PresenceModule,
        SearchModule,
        PushModule,
        AdminModule,
        HealthModule,
        ApiDocsModule,
        ConsoleModule.forRoot(config),
      ],
    };
  }
}
