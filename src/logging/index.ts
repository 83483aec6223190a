export * from './pino-logger.js';
export * from './request-log.js';
