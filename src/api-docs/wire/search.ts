import { z } from 'zod';
import type { SearchCommands } from '@rookery/protocol';
import { HistoryEntrySchema } from './chat.js';

const offset = z.int().min(0);

export const SEARCH_REPLIES = {
  'search.messages': z.object({
    results: z.array(
      z.object({
        message: HistoryEntrySchema,
        snippet: z.object({
          text: z.string(),
          marks: z.array(z.tuple([offset, offset])).describe('From and to, in UTF-16 units of the text'),
        }),
      }),
    ),
    next: z.string().nullable(),
    complete: z.boolean().describe('false: what was sent last may not be in it yet'),
  }),
} satisfies { [Name in keyof SearchCommands]: z.ZodType<SearchCommands[Name]['reply']> };
