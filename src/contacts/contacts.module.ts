import { Global, Module } from '@nestjs/common';
import { JournalService } from '../journal/index.js';
import { ContactDirectory } from './contact-directory.js';
import { ContactController } from './contact.controller.js';
import { ContactGateway } from './contact.gateway.js';
import { ContactRepository } from './contact.repository.js';
import { ContactService } from './contact.service.js';
import { blockGuard } from './direct-guard.js';
import { SqlContactDirectory } from './sql-contact-directory.js';

@Global()
@Module({
  controllers: [ContactController],
  providers: [
    ContactGateway,
    ContactRepository,
    ContactService,
    { provide: ContactDirectory, useClass: SqlContactDirectory },
  ],
  exports: [ContactDirectory, ContactService],
})
export class ContactsModule {
  constructor(journal: JournalService) {
    journal.setGuard('direct', blockGuard);
  }
}
