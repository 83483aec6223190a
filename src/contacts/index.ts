export * from './contact-directory.js';
export * from './contacts.module.js';
