import type { ExecutionContext } from '@nestjs/common';
import type { Principal } from './principal.js';

/** Where a verified caller is kept: on the HTTP request by AuthGuard, on the socket's client by the transport. */
export interface PrincipalHolder {
  principal?: Principal;
}

/** The verified caller of a handler, on either wire; undefined: none. */
export function principalOf(context: ExecutionContext): Principal | undefined {
  const holder: PrincipalHolder | undefined =
    context.getType() === 'ws' ? context.switchToWs().getClient() : context.switchToHttp().getRequest();
  return holder?.principal;
}
