export { BeforeConnect, type BeforeConnectHook, type ConnectingClient } from './before-connect.js';
export * from './command-rate.guard.js';
export * from './current-connection.decorator.js';
export * from './rookery-socket.js';
export * from './rookery-ws-adapter.js';
export * from './schema.pipe.js';
export * from './transport.module.js';
export * from './http-adapter.js';
export * from './http-guards.js';
