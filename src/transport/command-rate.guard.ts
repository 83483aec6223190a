import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { isAdmin, principalOf } from '../auth/index.js';
import { CommandLimiter } from './command-limiter.js';

/** A REST call that does what a command does costs its caller the same; needs AuthGuard before it. */
@Injectable()
export class CommandRateGuard implements CanActivate {
  constructor(private readonly limiter: CommandLimiter) {}

  canActivate(context: ExecutionContext): boolean {
    const caller = principalOf(context);
    const limited = caller && !isAdmin(caller) ? this.limiter.user(caller.userId) : undefined;
    if (limited) throw limited;
    return true;
  }
}
