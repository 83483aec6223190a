import { createPublicKey } from 'node:crypto';
import type { AppConfig } from '../config/index.js';
import { JoseTokenVerifier } from './jose-token-verifier.js';
import { JwtTokenVerifier } from './jwt-token-verifier.js';
import type { TokenVerifier } from './token-verifier.js';

/** The verifier that fits the configured kind of key. */
export function createTokenVerifier({ jwt }: Pick<AppConfig, 'jwt'>): TokenVerifier {
  const { key, ...rules } = jwt;
  if (key.kind === 'jwks') return new JoseTokenVerifier(key, rules);
  const edwards = key.kind === 'public-key' && createPublicKey(key.pem).asymmetricKeyType === 'ed25519';
  return edwards ? new JoseTokenVerifier(key, rules) : new JwtTokenVerifier(key, rules);
}
