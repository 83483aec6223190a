export * from './before-send.js';
export * from './chat.events.js';
export * from './chat.module.js';
export * from './chat.schema.js';
export * from './conversation.service.js';
export * from './message.service.js';
export * from './unread.service.js';
export { idempotencyKeyOf } from '../common/index.js';
export * from './message-references.js';
