export * from './chat.js';
export * from './close-codes.js';
export * from './contacts.js';
export * from './errors.js';
export * from './frames.js';
export * from './groups.js';
export * from './messages.js';
export * from './notifications.js';
