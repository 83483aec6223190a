import { Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { addressGroup } from '../common/address-group.js';
import { AppError } from '../common/app-error.js';
import { FixedWindow } from '../common/fixed-window.js';

const MAX_FAILURES = 1000;
const MINUTE = 60_000;

/** Slows down whoever tries tokens: after 1,000 failures in a minute an address waits for the minute to end. */
@Injectable()
export class AuthFailureLimiter {
  /** By address, IPv6 by its /64. */
  readonly table = new FixedWindow(MAX_FAILURES, MINUTE);

  /** Throws `rate_limited` with the seconds to wait; call it before a token is looked at. */
  assertAllowed(ip: string): void {
    const wait = this.table.waitOf(addressGroup(ip));
    if (wait === 0) return;
    const retryAfter = Math.max(1, Math.ceil(wait / 1000));
    throw new AppError(ErrorCode.RateLimited, { message: 'Too many failed authentications', retryAfter });
  }

  recordFailure(ip: string): void {
    this.table.take(addressGroup(ip));
  }
}
