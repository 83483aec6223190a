import { createPublicKey, createSecretKey } from 'node:crypto';
import { JwtService } from '@nestjs/jwt';
import type { Algorithm } from 'jsonwebtoken';
import { algorithmsOf, SECRET_ALGORITHMS } from '../common/key-algorithms.js';
import type { JwtKeySource } from '../config/index.js';
import type { Principal } from './principal.js';
import { type ClaimRules, principalFromClaims } from './principal-from-claims.js';
import { readTokenHeader } from './token-header.js';
import { TokenVerifier } from './token-verifier.js';
import { unauthenticated } from './unauthenticated.js';

type KeySource = Exclude<JwtKeySource, { kind: 'jwks' }>;

/** Verifies with one key of ours: a shared secret (HS) or a public key (RS, PS, ES). */
export class JwtTokenVerifier extends TokenVerifier {
  private readonly algorithms: readonly string[];
  private readonly jwt: JwtService;

  constructor(
    source: KeySource,
    private readonly rules: ClaimRules,
  ) {
    super();
    const key =
      source.kind === 'secret' ? createSecretKey(Buffer.from(source.secret)) : createPublicKey(source.pem);
    this.algorithms = source.kind === 'secret' ? SECRET_ALGORITHMS : algorithmsOf(key);
    this.jwt = new JwtService(source.kind === 'secret' ? { secret: key } : { publicKey: key });
  }

  async verify(token: string): Promise<Principal> {
    readTokenHeader(token, this.algorithms);
    return principalFromClaims(await this.provedClaims(token), this.rules, Date.now());
  }

  /** The times are left to the one place that judges claims, for every kind of key alike. */
  private async provedClaims(token: string): Promise<Record<string, unknown>> {
    const algorithms = [...this.algorithms] as Algorithm[];
    const options = { algorithms, ignoreExpiration: true, ignoreNotBefore: true };
    const claims: unknown = await this.jwt.verifyAsync(token, options).catch((error: unknown) => {
      throw unauthenticated('Token signature is wrong', error);
    });
    if (typeof claims !== 'object' || claims === null || Array.isArray(claims))
      throw unauthenticated('Token is malformed');
    return claims as Record<string, unknown>;
  }
}
