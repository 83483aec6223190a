export * from './contact-directory.js';
export * from './contact.events.js';
export { ContactService } from './contact.service.js';
export * from './contacts.module.js';
