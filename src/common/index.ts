export * from './address-group.js';
export * from './app-error.js';
export * from './user-id.js';
export * from './common.module.js';
export * from './deferred.js';
export * from './event-bus.js';
export * from './to-app-error.js';
export * from './shutdown-state.js';
