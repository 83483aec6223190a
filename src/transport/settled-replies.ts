import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { concatMap, defer, of, type Observable } from 'rxjs';
import { Deferred } from '../common/index.js';

/**
 * Next to the handlers of gateways, inside all other interceptors of the application: what those see of a command is its
 * answer, when it is there. Without interceptors the lane follows a {@link Deferred} itself.
 */
export class SettledReplies implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const replies = next.handle();
    return context.getType() === 'ws' ? replies.pipe(concatMap(settled)) : replies;
  }
}

/** What it settles to, where it is a {@link Deferred}, or its error; anything else as it is, at once. */
export const settled = (value: unknown): Observable<unknown> =>
  value instanceof Deferred ? defer(() => value.toPromise()) : of(value);
