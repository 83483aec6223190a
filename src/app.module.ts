import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { AdminModule } from './admin/index.js';
import { ApiDocsModule } from './api-docs/index.js';
import { AttachmentsModule } from './attachments/index.js';
import { AuthModule } from './auth/index.js';
import { CallsModule } from './calls/index.js';
import { ChatModule } from './chat/index.js';
import { CommonModule } from './common/index.js';
import { ConfigModule, type AppConfig } from './config/index.js';
import { ConsoleModule } from './console/index.js';
import { ContactsModule, type ContactDirectory } from './contacts/index.js';
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

/** Ports that somebody else fills, instead of what the settings choose. */
export interface Ports {
  /** Who knows whom; there are no `contact.*` commands then. What it injects must come from a global module. */
  contactDirectory?: Type<ContactDirectory>;
}

/** What exists at all, and has to be known before anything is made. */
export interface Parts {
  chatPage: boolean;
  /** `CONTACTS_URL` is set. */
  contactsUrl: boolean;
  /** `MODERATION_URL` is set. */
  moderation: boolean;
}

export function partsOf({ http, contacts, policy }: AppConfig): Parts {
  return {
    chatPage: http.chatPage,
    contactsUrl: contacts !== undefined,
    moderation: policy.moderation !== undefined,
  };
}

/**
 * The only place where rooms are put together; the settings come from whoever imports them. `own`: our controllers, in
 * an application whose other controllers are not ours.
 */
export function roomsOf(parts: Parts, ports: Ports, own?: ReadonlySet<unknown>): (Type | DynamicModule)[] {
  const contactsElsewhere = parts.contactsUrl || ports.contactDirectory !== undefined;
  return [
    CommonModule,
    MetricsModule,
    DatabaseModule,
    JournalModule,
    AuthModule,
    HubModule,
    TransportModule.forRoot(own),
    ChatModule,
    ContactsModule.forRoot({ ...parts, ...ports }),
    PolicyModule.forRoot({ contactsElsewhere, moderation: parts.moderation }),
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
    ConsoleModule.forRoot(parts),
  ];
}

/** The application of our own. */
@Module({})
export class AppModule {
  static forRoot(config: AppConfig, ports: Ports = {}): DynamicModule {
    return {
      module: AppModule,
      imports: [ConfigModule.forRoot(config), ...roomsOf(partsOf(config), ports)],
    };
  }
}
