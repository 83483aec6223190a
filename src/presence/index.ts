export * from './presence.events.js';
export * from './presence.module.js';
export * from './presence-store.js';
export * from './presence.service.js';
