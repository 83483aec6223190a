import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { RookerySocket } from './rookery-socket.js';

/** The connection a command came in on. */
export const CurrentConnection = createParamDecorator(
  (_: unknown, context: ExecutionContext) => context.switchToWs().getClient<RookerySocket>().connection,
);
