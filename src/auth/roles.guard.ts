import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/app-error.js';
import { principalOf } from './principal-of.js';
import { unauthenticated } from './unauthenticated.js';

/** `@Roles('admin')` on a handler or a class: the caller must have one of them. Needs RolesGuard after AuthGuard. */
export const Roles = Reflector.createDecorator<string | string[], string[]>({
  transform: (roles) => [roles].flat(),
});

@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const required = this.reflector.getAllAndOverride(Roles, [context.getHandler(), context.getClass()]);
    if (!required) return true;
    const principal = principalOf(context);
    if (!principal) throw unauthenticated('A valid token is required');
    if (!required.some((role) => principal.roles.includes(role))) throw new AppError(ErrorCode.Forbidden);
    return true;
  }
}
