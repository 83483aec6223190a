import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** Really signed tokens with any header and payload, also such as no library would make. */

type Json = Record<string, unknown>;
type Signer = (data: string) => Buffer;

export interface Family {
  alg: string;
  sign: Signer;
  /** What the server is configured with. */
  key: { kind: 'secret'; secret: string; generated: boolean } | { kind: 'public-key'; pem: string };
  publicKey?: KeyObject;
}

export const SECRET = 'Zk3vQ9xT1bLw7yN5cRj8pHd2mFs6gVa0';

const encode = (part: unknown): string =>
  Buffer.from(typeof part === 'string' ? part : JSON.stringify(part)).toString('base64url');

export const hmac =
  (secret: string | Buffer, hash = 'sha256'): Signer =>
  (data) =>
    createHmac(hash, secret).update(data).digest();

/** A string stands for itself, so that a header or a payload need not be sound JSON. */
export function compact(header: Json | string, payload: Json | string, signer: Signer): string {
  const data = `${encode(header)}.${encode(payload)}`;
  return `${data}.${signer(data).toString('base64url')}`;
}

export const token = (family: Family, payload: Json | string, header: Json = {}): string =>
  compact({ alg: family.alg, typ: 'JWT', ...header }, payload, family.sign);

const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString();

function secretFamily(bits: 256 | 384 | 512): Family {
  const key = { kind: 'secret', secret: SECRET, generated: false } as const;
  return { alg: `HS${bits}`, sign: hmac(SECRET, `sha${bits}`), key };
}

function asymmetric(
  alg: string,
  pair: { publicKey: KeyObject; privateKey: KeyObject },
  padding?: number,
): Family {
  const hash = alg === 'EdDSA' ? null : `sha${alg.slice(2)}`;
  const options = {
    key: pair.privateKey,
    dsaEncoding: 'ieee-p1363',
    ...(padding && { padding, saltLength: -1 }),
  } as const;
  return {
    alg,
    sign: (data) => sign(hash, Buffer.from(data), options),
    key: { kind: 'public-key', pem: pemOf(pair.publicKey) },
    publicKey: pair.publicKey,
  };
}

const RSA_PSS_PADDING = 6;
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const ec = (namedCurve: string) => generateKeyPairSync('ec', { namedCurve });

export const FAMILIES: Readonly<Record<string, Family>> = {
  HS256: secretFamily(256),
  HS384: secretFamily(384),
  HS512: secretFamily(512),
  RS256: asymmetric('RS256', rsa),
  RS512: asymmetric('RS512', rsa),
  PS256: asymmetric('PS256', rsa, RSA_PSS_PADDING),
  ES256: asymmetric('ES256', ec('P-256')),
  ES384: asymmetric('ES384', ec('P-384')),
  ES512: asymmetric('ES512', ec('P-521')),
  EdDSA: asymmetric('EdDSA', generateKeyPairSync('ed25519')),
};
