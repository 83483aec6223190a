import { createHash } from 'node:crypto';
import { invalidField, newId } from '../../common/index.js';

/** What the native protocol takes as a client id as it is; `~` begins those that are made here. */
const PLAIN = /^(?!~)[\x21-\x7e]{1,64}$/;
const MAX_LENGTH = 128;

/** An id of a message as a client gives it. */
export type GivenId = string | number;

export interface MadeClientId {
  clientId: string;
  /** Whether the id can be told from the client id alone. */
  plain: boolean;
}

/** The idempotency key that an id stands for; without one a new key. Throws `invalid`, naming `field`. */
export function clientIdOf(given: unknown, field: string): MadeClientId {
  if (given === undefined || given === null || given === '') return { clientId: newId(), plain: true };
  if (typeof given === 'string') {
    if (given.length > MAX_LENGTH) throw invalidField(field, `At most ${MAX_LENGTH} characters`);
    return PLAIN.test(given) ? { clientId: given, plain: true } : hashed(given);
  }
  if (typeof given === 'bigint') return exact(given, field);
  if (typeof given !== 'number') throw invalidField(field, 'A string or a number');
  // Beyond 2^53 digits are lost on the way: two ids could become one.
  if (Math.abs(given) > Number.MAX_SAFE_INTEGER)
    throw invalidField(field, 'Too large for a number: send it as a string');
  return { clientId: String(given), plain: false };
}

function exact(given: bigint, field: string): MadeClientId {
  const clientId = String(given);
  if (!PLAIN.test(clientId)) throw invalidField(field, 'At most 64 digits');
  return { clientId, plain: false };
}

/** Undefined for what is no id; to be said again in an answer. */
export const givenId = (value: unknown): GivenId | undefined =>
  typeof value === 'number' || (typeof value === 'string' && value !== '' && value.length <= MAX_LENGTH)
    ? value
    : undefined;

function hashed(given: string): MadeClientId {
  return { clientId: `~${createHash('sha256').update(given).digest('base64url')}`, plain: false };
}
