import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { RookerySocket } from './rookery-socket.js';

/** The connection a command came in on. */
export const CurrentConnection = createParamDecorator(
  // The first argument is the client; `switchToWs()` says so too, but makes an object of functions for every frame.
  (_: unknown, context: ExecutionContext) => context.getArgByIndex<RookerySocket>(0).connection,
);
