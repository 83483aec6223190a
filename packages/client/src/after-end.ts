import { CloseCode, shouldReconnect } from '@rookery/protocol';
import type { LinkEnd } from './link.js';

/** Seconds to stay away after having been too fast. */
const AFTER_RATE_LIMIT = 5;

/** Whether the token is what was wrong. */
export const isAboutToken = ({ code, refusal }: LinkEnd): boolean =>
  (code === CloseCode.TokenExpired || code === CloseCode.Unauthenticated) && !refusal?.retryable;

/** Whether to try again. A first frame that was refused closes with 4500, also where the refusal is for now only. */
export function mayComeBack(end: LinkEnd, hasOtherToken: boolean): boolean {
  if (end.refusal?.retryable) return true;
  if (isAboutToken(end)) return hasOtherToken;
  return end.code < 1000 || shouldReconnect(end.code);
}

/** Seconds to wait at least. */
export const retryAfterOf = ({ code, retryAfter }: LinkEnd): number =>
  retryAfter ?? (code === CloseCode.RateLimited ? AFTER_RATE_LIMIT : 0);
