import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { addressGroup } from '../common/address-group.js';
import { AppError } from '../common/app-error.js';

const MAX_FAILURES = 1000;
const WINDOW_SECONDS = 60;

/** Slows down whoever tries tokens: after 1,000 failures in a minute an address waits for the minute to end. */
@Injectable()
export class AuthFailureLimiter {
  private readonly failures = new RateLimiterMemory({ points: MAX_FAILURES, duration: WINDOW_SECONDS });

  /** Rejects with `rate_limited` and the seconds to wait; call it before a token is looked at. */
  async assertAllowed(ip: string): Promise<void> {
    const state = await this.failures.get(addressGroup(ip));
    if (!state || state.consumedPoints < MAX_FAILURES) return;
    const retryAfter = Math.max(1, Math.ceil(state.msBeforeNext / 1000));
    throw new AppError(ErrorCode.RateLimited, { message: 'Too many failed authentications', retryAfter });
  }

  async recordFailure(ip: string): Promise<void> {
    await this.failures.penalty(addressGroup(ip));
  }
}
