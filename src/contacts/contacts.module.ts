import { Global, Module, type DynamicModule } from '@nestjs/common';
import type { AppConfig } from '../config/index.js';
import { ContactDirectory } from './contact-directory.js';
import { ContactController } from './contact.controller.js';
import { ContactGateway } from './contact.gateway.js';
import { ContactRepository } from './contact.repository.js';
import { ContactService } from './contact.service.js';
import { DirectGuard } from './direct-guard.js';
import { HttpContactDirectory } from './http-contact-directory.js';
import { ReachPolicy } from './reach-policy.js';
import { SqlContactDirectory } from './sql-contact-directory.js';

/** Contacts in our tables, or, with `CONTACTS_URL`, those of another service: then it alone changes them. */
@Global()
@Module({})
export class ContactsModule {
  static forRoot({ contacts }: AppConfig): DynamicModule {
    return contacts ? asked() : kept();
  }
}

function asked(): DynamicModule {
  return {
    module: ContactsModule,
    providers: [ReachPolicy, { provide: ContactDirectory, useClass: HttpContactDirectory }],
    exports: [ContactDirectory, ReachPolicy],
  };
}

function kept(): DynamicModule {
  return {
    module: ContactsModule,
    controllers: [ContactController],
    providers: [
      ContactGateway,
      ContactRepository,
      ContactService,
      DirectGuard,
      ReachPolicy,
      { provide: ContactDirectory, useClass: SqlContactDirectory },
    ],
    exports: [ContactDirectory, ContactService, ReachPolicy],
  };
}
