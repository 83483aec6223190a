import { createPublicKey } from 'node:crypto';
import { algorithmsOf } from '../common/key-algorithms.js';
import type { JwtKeySource } from './app-config.js';
import type { ConfigProblem } from './config-error.js';
import type { EnvValues } from './env.schema.js';
import { secretWeakness } from './weak-secrets.js';

const MIN_RSA_BITS = 2048;
const KEY_VARIABLES = ['JWT_SECRET', 'JWT_PUBLIC_KEY', 'JWT_JWKS_URL'] as const;

function publicKeyFault(pem: string): string | undefined {
  if (pem.includes('PRIVATE KEY'))
    return 'is a private key; give the public one, and keep the private one off this server';
  try {
    const key = createPublicKey(pem);
    const bits = key.asymmetricKeyDetails?.modulusLength;
    if (algorithmsOf(key).length === 0) return 'must be an RSA, P-256, P-384, P-521 or Ed25519 key';
    return bits !== undefined && bits < MIN_RSA_BITS ? `must have at least ${MIN_RSA_BITS} bits` : undefined;
  } catch {
    return 'is not a readable PEM public key';
  }
}

function jwksUrlFault(address: string, production: boolean): string | undefined {
  const { protocol, hostname } = new URL(address);
  const local = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return production && protocol !== 'https:' && !local
    ? 'must be https in production: who can change the keys can forge any token'
    : undefined;
}

function fault(values: EnvValues): ConfigProblem | undefined {
  const { JWT_SECRET: secret, JWT_PUBLIC_KEY: pem, JWT_JWKS_URL: url } = values;
  const production = values.NODE_ENV === 'production';
  const reasons = {
    JWT_SECRET: secret && secretWeakness(secret, { allowWeak: values.JWT_ALLOW_WEAK_SECRET, production }),
    JWT_PUBLIC_KEY: pem && publicKeyFault(pem),
    JWT_JWKS_URL: url && jwksUrlFault(url, production),
  };
  const variable = KEY_VARIABLES.find((name) => reasons[name]);
  return variable && { variable, reason: reasons[variable] ?? '' };
}

/** What is wrong about the choice of the key; a missing one is only wrong in production. */
export function jwtKeyProblems(values: EnvValues): ConfigProblem[] {
  const set = KEY_VARIABLES.filter((name) => values[name] !== undefined);
  if (set.length > 1) return [{ variable: set.join(', '), reason: 'exclude each other; set exactly one' }];
  if (set.length === 0 && values.NODE_ENV === 'production') {
    const reason = 'one of them must be set in production; there is no default key';
    return [{ variable: KEY_VARIABLES.join(', '), reason }];
  }
  const problem = fault(values);
  return problem ? [problem] : [];
}

/** The key that was given; undefined: none. */
export function givenKey(values: EnvValues): JwtKeySource | undefined {
  if (values.JWT_PUBLIC_KEY !== undefined) return { kind: 'public-key', pem: values.JWT_PUBLIC_KEY };
  if (values.JWT_JWKS_URL !== undefined) return { kind: 'jwks', url: values.JWT_JWKS_URL };
  if (values.JWT_SECRET === undefined) return undefined;
  return { kind: 'secret', secret: values.JWT_SECRET, generated: false };
}
