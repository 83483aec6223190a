export * from './contact-directory.js';
export * from './contact.events.js';
export * from './contacts.module.js';
