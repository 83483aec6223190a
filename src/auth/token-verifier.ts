import type { Principal } from './principal.js';

/**
 * Port: decides whether a token is genuine and whom it speaks for.
 * Pins the algorithms of its key; never takes a key, a key's address or an algorithm from the token itself.
 */
export abstract class TokenVerifier {
  /** Rejects with AppError `unauthenticated` for any token it does not accept, with `unavailable` if its keys cannot be had. */
  abstract verify(token: string): Promise<Principal>;
}
