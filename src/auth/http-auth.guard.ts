import { type CanActivate, type ExecutionContext, Injectable } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import type { Request } from 'express';
import { AppError } from '../common/app-error.js';
import { AuthFailureLimiter } from './auth-failure-limiter.js';
import { authorizationTokens, soleToken } from './extract-token.js';
import type { Principal } from './principal.js';
import { type PrincipalHolder, principalOf } from './principal-of.js';
import { Revocations } from './revocations.js';
import { TokenVerifier } from './token-verifier.js';
import { unauthenticated } from './unauthenticated.js';

/** Lets an HTTP request in that carries a valid Bearer token; a token in its query string counts for nothing. */
@Injectable()
export class AuthGuard implements CanActivate {
  constructor(
    private readonly verifier: TokenVerifier,
    private readonly failures: AuthFailureLimiter,
    private readonly revocations: Revocations,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (context.getType() === 'http') await this.authenticate(context.switchToHttp().getRequest());
    if (!principalOf(context)) throw unauthenticated('A valid token is required');
    return true;
  }

  private async authenticate(request: Request & PrincipalHolder): Promise<void> {
    const candidates = authorizationTokens(request).map((token) => ({ token, source: 'header' as const }));
    const found = soleToken(candidates);
    if (found) request.principal = await this.verify(found.token, request.ip ?? '');
  }

  private async verify(token: string, ip: string): Promise<Principal> {
    this.failures.assertAllowed(ip);
    try {
      const principal = await this.verifier.verify(token);
      this.revocations.assertGood(principal);
      return principal;
    } catch (error) {
      if (error instanceof AppError && error.code === ErrorCode.Unauthenticated)
        this.failures.recordFailure(ip);
      throw error;
    }
  }
}
