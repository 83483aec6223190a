import { Global, Module } from '@nestjs/common';
import { AppConfig } from '../config/index.js';
import { AuthFailureLimiter } from './auth-failure-limiter.js';
import { createTokenVerifier } from './create-token-verifier.js';
import { AuthGuard } from './http-auth.guard.js';
import { Revocations } from './revocations.js';
import { RolesGuard } from './roles.guard.js';
import { TokenIssuer } from './token-issuer.js';
import { TokenVerifier } from './token-verifier.js';

const providers = [
  { provide: TokenVerifier, useFactory: createTokenVerifier, inject: [AppConfig] },
  TokenIssuer,
  AuthFailureLimiter,
  Revocations,
  AuthGuard,
  RolesGuard,
];

@Global()
@Module({
  providers,
  exports: providers.map((provider) => ('provide' in provider ? provider.provide : provider)),
})
export class AuthModule {}
