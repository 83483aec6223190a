export * from './push-provider.js';
export * from './push.module.js';
