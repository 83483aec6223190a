import { z } from 'zod';
import { ErrorCode, type ErrorData, type Stored } from '@rookery/protocol';

/** What the server sends, as schemas: the wire types have none, because nobody validates what we write ourselves. */
export const seq = z.int().min(1);
export const cursor = z.int().min(0);
export const time = z.int().describe('Milliseconds since the epoch');
export const conversation = z.string().describe('Conversation id');
export const user = z.string().describe('User id');
/** The empty schema: as exact as `z.json()` for what has been JSON already, and easier to read. */
export const anyJson = z.unknown();

export const stored = { conversation, seq, id: z.string().describe('<conversation>#<seq>'), time };

export const StoredSchema = z.object(stored) satisfies z.ZodType<Stored>;

export const SentSchema = StoredSchema.extend({ duplicate: z.boolean() });

/** `data` of an `error` frame, and the core of every HTTP error body. */
export const ErrorSchema = z.object({
  code: z.enum(ErrorCode),
  message: z.string(),
  retryable: z.boolean().describe('The same command may succeed later, repeated with the same client id'),
  retryAfter: z.number().optional().describe('Seconds'),
  details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
}) satisfies z.ZodType<ErrorData>;
