import { createPublicKey } from 'node:crypto';
import { compactVerify, errors } from 'jose';
import type { CompactVerifyGetKey, CompactVerifyResult, CryptoKey } from 'jose';
import { AppError } from '../common/app-error.js';
import { EDDSA_ALGORITHMS, PUBLIC_ALGORITHMS } from '../common/key-algorithms.js';
import type { JwtKeySource } from '../config/index.js';
import { JwksKeys, type JwksTiming } from './jwks-keys.js';
import type { Principal } from './principal.js';
import { type ClaimRules, parseClaims, principalFromClaims } from './principal-from-claims.js';
import { assertPlainKeyId, readTokenHeader } from './token-header.js';
import { TokenVerifier } from './token-verifier.js';
import { unauthenticated } from './unauthenticated.js';

type KeySource = Exclude<JwtKeySource, { kind: 'secret' }>;

/** Verifies what `@nestjs/jwt` cannot: keys from a published set (JWKS), and Ed25519. */
export class JoseTokenVerifier extends TokenVerifier {
  private readonly algorithms: readonly string[];
  private readonly findKey: CompactVerifyGetKey;

  constructor(
    source: KeySource,
    private readonly rules: ClaimRules,
    timing?: Partial<JwksTiming>,
  ) {
    super();
    if (source.kind === 'jwks') {
      this.algorithms = PUBLIC_ALGORITHMS;
      this.findKey = new JwksKeys(source.url, timing).find;
    } else {
      const key = createPublicKey(source.pem);
      this.algorithms = EDDSA_ALGORITHMS;
      this.findKey = () => key;
    }
  }

  async verify(token: string): Promise<Principal> {
    assertPlainKeyId(readTokenHeader(token, this.algorithms));
    const { payload } = await this.prove(token);
    return principalFromClaims(parseClaims(new TextDecoder().decode(payload)), this.rules, Date.now());
  }

  private async prove(token: string): Promise<{ payload: Uint8Array }> {
    const options = { algorithms: [...this.algorithms] };
    try {
      return await compactVerify(token, this.findKey, options);
    } catch (error) {
      if (error instanceof AppError) throw error;
      if (error instanceof errors.JWKSMultipleMatchingKeys) return proveWithAny(token, error, options);
      throw unauthenticated('Token signature is wrong', error);
    }
  }
}

/** A token without a key id fits several keys of the set: one of them must have signed it. */
async function proveWithAny(
  token: string,
  keys: AsyncIterable<CryptoKey>,
  options: { algorithms: string[] },
): Promise<CompactVerifyResult> {
  for await (const key of keys) {
    const proved = await compactVerify(token, key, options).catch(() => undefined);
    if (proved) return proved;
  }
  throw unauthenticated('Token signature is wrong');
}
