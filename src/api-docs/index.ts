export * from './api-docs.module.js';
export * from './open-api.js';
