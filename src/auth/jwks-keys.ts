import { ErrorCode } from '@rookery/protocol';
import { createLocalJWKSet, createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { AppError } from '../common/app-error.js';
import { unauthenticated } from './unauthenticated.js';

/** Milliseconds. */
export interface JwksTiming {
  /** One request. Default 3 s. */
  timeout: number;
  /** How long keys are used before they are fetched again. Default 10 min. */
  maxAge: number;
  /** How soon after a fetch an unknown key id may cause the next one. Default 30 s. */
  cooldown: number;
  /** How soon after a failed fetch the next is tried. Default 2 s. */
  retryAfter: number;
  /** How long the last known keys serve while the set cannot be fetched. Default 1 h. */
  staleFor: number;
}

const DEFAULT_TIMING: JwksTiming = {
  timeout: 3_000,
  maxAge: 600_000,
  cooldown: 30_000,
  retryAfter: 2_000,
  staleFor: 3_600_000,
};

/** The keys behind a configured address. A flood of strange tokens causes at most one request per cooldown. */
export class JwksKeys {
  private readonly timing: JwksTiming;
  private readonly remote: ReturnType<typeof createRemoteJWKSet>;
  private fetchedAt = -Infinity;
  private retryAt = -Infinity;

  constructor(url: string, timing: Partial<JwksTiming> = {}) {
    this.timing = { ...DEFAULT_TIMING, ...timing };
    this.remote = createRemoteJWKSet(new URL(url), {
      timeoutDuration: this.timing.timeout,
      cooldownDuration: this.timing.cooldown,
      cacheMaxAge: this.timing.maxAge,
      [customFetch]: (address, options) => this.fetchOnce(address, options),
    });
  }

  /** Rejects with `unauthenticated` for a key that is not in the set, with `unavailable` if there is no set to look in. */
  readonly find: JWTVerifyGetKey = async (header, token) => {
    try {
      return await this.remote(header, token);
    } catch (error) {
      if (error instanceof errors.JWKSMultipleMatchingKeys) throw error;
      if (error instanceof errors.JWKSNoMatchingKey) throw unauthenticated('Token key is not known', error);
      if (error instanceof errors.JOSENotSupported)
        throw unauthenticated('Token algorithm is not accepted', error);
      return this.lastKnown(error)(header, token);
    }
  };

  private lastKnown(cause: unknown): JWTVerifyGetKey {
    const keys = this.remote.jwks();
    if (!keys || Date.now() - this.fetchedAt > this.timing.staleFor) throw this.unavailable(cause);
    const find = createLocalJWKSet(keys);
    return async (header, token) => {
      try {
        return await find(header, token);
      } catch (error) {
        throw error instanceof errors.JWKSMultipleMatchingKeys ? error : this.unavailable(cause);
      }
    };
  }

  private unavailable(cause: unknown): AppError {
    const retryAfter = Math.max(1, Math.ceil(this.timing.retryAfter / 1000));
    return new AppError(ErrorCode.Unavailable, {
      message: 'The keys of the tokens cannot be had now',
      retryAfter,
      cause,
    });
  }

  private async fetchOnce(url: string, options: RequestInit): Promise<Response> {
    if (Date.now() < this.retryAt) throw new Error('The last fetch of the key set failed a moment ago');
    try {
      const response = await fetch(url, options);
      if (response.status !== 200) throw new Error(`The key set was answered with status ${response.status}`);
      this.fetchedAt = Date.now();
      return response;
    } catch (error) {
      this.retryAt = Date.now() + this.timing.retryAfter;
      throw error;
    }
  }
}
