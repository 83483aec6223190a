export * from './codec.js';
export * from './connection.js';
export * from './event-presenters.js';
export * from './hub-event.js';
export * from './hub.module.js';
export * from './hub.service.js';
export * from './membership-effects.js';
export * from './outlet.js';
