import { invalidField } from './app-error.js';
import { ClientId } from './schemas.js';

/** The Idempotency-Key header as a client id; malformed: `invalid`. */
export function idempotencyKeyOf(header: string | undefined): string | undefined {
  if (header === undefined) return undefined;
  const parsed = ClientId.safeParse(header);
  if (!parsed.success)
    throw invalidField('Idempotency-Key', 'Printable ASCII without spaces, at most 64 characters');
  return parsed.data;
}
