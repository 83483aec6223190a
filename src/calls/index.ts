export { CallService } from './call.service.js';
export * from './calls.module.js';
