import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Principal } from './principal.js';
import { principalOf } from './principal-of.js';
import { unauthenticated } from './unauthenticated.js';

/** What `@CurrentUser()` gives a handler. */
export function currentUser(_data: unknown, context: ExecutionContext): Principal {
  const principal = principalOf(context);
  if (!principal) throw unauthenticated('A valid token is required');
  return principal;
}

/** The verified caller as a parameter of an HTTP or WebSocket handler; refuses the call if there is none. */
export const CurrentUser = createParamDecorator(currentUser);
