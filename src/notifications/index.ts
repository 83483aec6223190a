export * from './notification.events.js';
export * from './notification.schema.js';
export * from './notification.service.js';
export * from './notifications.module.js';
