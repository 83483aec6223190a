import { Global, Module } from '@nestjs/common';
import { ContactDirectory } from './contact-directory.js';
import { NoContacts } from './no-contacts.js';

@Global()
@Module({
  providers: [{ provide: ContactDirectory, useClass: NoContacts }],
  exports: [ContactDirectory],
})
export class ContactsModule {}
