import { Global, Module, type DynamicModule, type Type } from '@nestjs/common';
import { ContactDirectory } from './contact-directory.js';
import { ContactController } from './contact.controller.js';
import { ContactGateway } from './contact.gateway.js';
import { ContactRepository } from './contact.repository.js';
import { ContactService } from './contact.service.js';
import { DirectGuard } from './direct-guard.js';
import { HttpContactDirectory } from './http-contact-directory.js';
import { ReachPolicy } from './reach-policy.js';
import { SqlContactDirectory } from './sql-contact-directory.js';

/** Who keeps the contacts; neither: we do. */
export interface ContactKeeper {
  /** `CONTACTS_URL` is set. */
  contactsUrl?: boolean;
  /** A directory of somebody else's making; what it injects must come from a global module. */
  contactDirectory?: Type<ContactDirectory>;
}

/** Contacts in our tables, or those of another service: then it alone changes them. */
@Global()
@Module({})
export class ContactsModule {
  static forRoot({ contactsUrl, contactDirectory }: ContactKeeper): DynamicModule {
    if (contactDirectory) return asked(contactDirectory);
    return contactsUrl ? asked(HttpContactDirectory) : kept();
  }
}

function asked(useClass: Type<ContactDirectory>): DynamicModule {
  return {
    module: ContactsModule,
    providers: [ReachPolicy, { provide: ContactDirectory, useClass }],
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
