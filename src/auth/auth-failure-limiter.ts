import { isIPv6 } from 'node:net';
import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { AppError } from '../common/app-error.js';

const MAX_FAILURES = 1000;
const WINDOW_SECONDS = 60;

/** Slows down whoever tries tokens: after 1,000 failures in a minute an address waits for the minute to end. */
@Injectable()
export class AuthFailureLimiter {
  private readonly failures = new RateLimiterMemory({ points: MAX_FAILURES, duration: WINDOW_SECONDS });

  /** Rejects with `rate_limited` and the seconds to wait; call it before a token is looked at. */
  async assertAllowed(ip: string): Promise<void> {
    const state = await this.failures.get(sourceOf(ip));
    if (!state || state.consumedPoints < MAX_FAILURES) return;
    const retryAfter = Math.max(1, Math.ceil(state.msBeforeNext / 1000));
    throw new AppError(ErrorCode.RateLimited, { message: 'Too many failed authentications', retryAfter });
  }

  async recordFailure(ip: string): Promise<void> {
    await this.failures.penalty(sourceOf(ip));
  }
}

/** One household or server has a whole /64 of IPv6 addresses, so they count as one. */
function sourceOf(ip: string): string {
  const [address = ip] = ip.split('%');
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped) return mapped;
  if (!isIPv6(address)) return ip;
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::');
  const before = head.split(':').filter((group) => group !== '');
  const after = (tail ?? '').split(':').filter((group) => group !== '');
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}
