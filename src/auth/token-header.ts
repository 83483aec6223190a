import { unauthenticated } from './unauthenticated.js';

/** Characters; a longer token is refused before it is parsed. */
export const MAX_TOKEN_LENGTH = 8192;

const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]*$/;
const ACCEPTED_TYPES: ReadonlySet<string> = new Set(['jwt', 'at+jwt', 'application/at+jwt']);
/** Each would let the token bring its own key or change how it is verified. */
const FORBIDDEN_PARAMETERS = ['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64'] as const;
/** Printable ASCII: nothing that a file system, a database or a log could take for something else. */
const KEY_ID = /^[\x21-\x7e]{1,256}$/;

export interface TokenHeader {
  alg: string;
  kid?: unknown;
}

function parseHeader(token: string): Record<string, unknown> {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString(),
    );
    if (typeof header === 'object' && header !== null && !Array.isArray(header))
      return header as Record<string, unknown>;
  } catch {
    // The same refusal as for anything else that is no header.
  }
  throw unauthenticated('Token is malformed');
}

function checkType(typ: unknown): void {
  if (typ === undefined) return;
  if (typeof typ !== 'string' || !ACCEPTED_TYPES.has(typ.toLowerCase()))
    throw unauthenticated('Token is of the wrong type');
}

/** Refuses a token by its form and its header alone, before a key is looked up or a signature computed. */
export function readTokenHeader(token: string, algorithms: readonly string[]): TokenHeader {
  if (token.length > MAX_TOKEN_LENGTH) throw unauthenticated('Token is too long');
  if (!COMPACT_FORM.test(token)) throw unauthenticated('Token is malformed');
  const header = parseHeader(token);
  const { alg } = header;
  if (typeof alg !== 'string' || !algorithms.includes(alg))
    throw unauthenticated('Token algorithm is not accepted');
  if (token.endsWith('.')) throw unauthenticated('Token has no signature');
  const forbidden = FORBIDDEN_PARAMETERS.find((name) => Object.hasOwn(header, name));
  if (forbidden) throw unauthenticated(`Token header parameter ${forbidden} is not accepted`);
  checkType(header.typ);
  return { alg, kid: header.kid };
}

/** Where keys are found by their id, only a plain one is looked for. */
export function assertPlainKeyId({ kid }: TokenHeader): void {
  if (kid !== undefined && (typeof kid !== 'string' || !KEY_ID.test(kid)))
    throw unauthenticated('Token key is not known');
}
