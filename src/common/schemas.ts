import { z } from 'zod';
import { isUserId } from './user-id.js';

const MAX_CLIENT_ID_LENGTH = 64;

export const UserId = z.string().refine(isUserId, 'Not a user id').describe('User id');

/** Printable ASCII: an idempotency key is compared byte by byte, and databases do not all agree on anything else. */
export const ClientId = z
  .string()
  .regex(/^[\x21-\x7e]+$/, 'Printable ASCII without spaces')
  .max(MAX_CLIENT_ID_LENGTH)
  .describe('Idempotency key: the same id by the same sender in the same conversation is stored once');
