import { Injectable } from '@nestjs/common';
import type { Principal } from './principal.js';
import { unauthenticated } from './unauthenticated.js';

/** Tokens that are good no more before they end: of a user, all that were issued up to a moment. */
@Injectable()
export class Revocations {
  private issuedUntil: ReadonlyMap<string, number> = new Map();

  /** Takes the place of all before; by user, milliseconds since the epoch. */
  replace(issuedUntil: ReadonlyMap<string, number>): void {
    this.issuedUntil = issuedUntil;
  }

  /** Throws AppError `unauthenticated`; of a token that does not say when it was issued, whenever the user has had one revoked. */
  assertGood({ userId, issuedAt = 0 }: Principal): void {
    const until = this.issuedUntil.get(userId);
    if (until !== undefined && issuedAt <= until) throw unauthenticated('Token was revoked');
  }
}
