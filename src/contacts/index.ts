export * from './contact-directory.js';
export * from './contact.events.js';
export { ContactService } from './contact.service.js';
export * from './contacts.module.js';
export { NOT_ACCEPTED } from './direct-guard.js';
export { ReachPolicy } from './reach-policy.js';
