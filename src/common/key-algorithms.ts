import type { KeyObject } from 'node:crypto';

export const SECRET_ALGORITHMS: readonly string[] = ['HS256', 'HS384', 'HS512'];
const RSA_PSS_ALGORITHMS: readonly string[] = ['PS256', 'PS384', 'PS512'];
const RSA_ALGORITHMS: readonly string[] = ['RS256', 'RS384', 'RS512', ...RSA_PSS_ALGORITHMS];
export const EDDSA_ALGORITHMS: readonly string[] = ['EdDSA', 'Ed25519'];
const EC_ALGORITHM_BY_CURVE: Readonly<Record<string, string>> = {
  prime256v1: 'ES256',
  secp384r1: 'ES384',
  secp521r1: 'ES512',
};

/** What a published key set may be used with; a key in it further narrows this to its own type. */
export const PUBLIC_ALGORITHMS: readonly string[] = [
  ...RSA_ALGORITHMS,
  ...Object.values(EC_ALGORITHM_BY_CURVE),
  ...EDDSA_ALGORITHMS,
];

/** The signature algorithms (RFC 7518) a public key may verify: its own family and curve only; empty: not usable. */
export function algorithmsOf(key: KeyObject): readonly string[] {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return RSA_ALGORITHMS;
    case 'rsa-pss':
      return RSA_PSS_ALGORITHMS;
    case 'ed25519':
      return EDDSA_ALGORITHMS;
    case 'ec': {
      const algorithm = EC_ALGORITHM_BY_CURVE[key.asymmetricKeyDetails?.namedCurve ?? ''];
      return algorithm ? [algorithm] : [];
    }
    default:
      return [];
  }
}
