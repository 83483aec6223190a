import { z } from 'zod';
import { MessageKind } from '@rookery/protocol';
import { ConversationId } from '../chat/index.js';
import { UserId } from '../common/index.js';
import { wantedBy } from './terms.js';

/** Words and runs of characters of one query. */
const MAX_WANTED = 32;
const MAX_RESULTS = 50;

const query = z
  .string()
  .max(200)
  .refine((text) => {
    const { length } = wantedBy(text);
    return length > 0 && length <= MAX_WANTED;
  }, `1 to ${MAX_WANTED} words or characters to look for`);
const time = z.int().min(0).max(8.64e15).describe('Milliseconds since the epoch');
const Cursor = z.string().min(1).max(1024).describe('The next of the page before');

export const SearchMessages = z.strictObject({
  query,
  conversation: ConversationId.optional(),
  from: UserId.optional(),
  kinds: z.array(z.enum(MessageKind)).min(1).max(5).optional(),
  before: time.optional(),
  after: time.optional(),
  cursor: Cursor.optional(),
  limit: z.int().min(1).max(MAX_RESULTS).default(20),
});
export type SearchMessages = z.infer<typeof SearchMessages>;

const numeric = z
  .string()
  .regex(/^\d{1,16}$/)
  .transform(Number);

/** The query string of the REST counterpart; `kinds` is a list with commas. */
export const SearchQuery = SearchMessages.extend({
  kinds: z
    .string()
    .transform((list) => list.split(','))
    .pipe(z.array(z.enum(MessageKind)).min(1).max(5))
    .optional(),
  before: numeric.pipe(time).optional(),
  after: numeric.pipe(time).optional(),
  limit: numeric.pipe(z.int().min(1).max(MAX_RESULTS)).default(20),
});
export type SearchQuery = z.infer<typeof SearchQuery>;
