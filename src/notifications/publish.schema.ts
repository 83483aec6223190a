import { z } from 'zod';
import { UserId } from '../common/index.js';
import { Audience } from './audience.js';
import { hasWords, PageLimit, said, Time, WORDS } from './notification.schema.js';

export const PublishBody = z
  .strictObject({
    to: UserId.optional().describe('One user, into his inbox; else `audience`'),
    audience: Audience.optional(),
    ...said,
    at: Time.optional().describe('When to tell it; default: now. Milliseconds since the epoch'),
  })
  .refine(({ to, audience }) => (to === undefined) !== (audience === undefined), {
    message: 'Give either to or audience',
    path: ['to'],
  })
  .refine(hasWords, WORDS);
export type PublishBody = z.infer<typeof PublishBody>;

export const SCHEDULE_STATES = ['pending', 'sending', 'sent', 'cancelled', 'failed'] as const;

export const ScheduleQuery = z.strictObject({
  state: z.enum(SCHEDULE_STATES).optional(),
  cursor: z.uuid().optional().describe('The next of the page before'),
  limit: PageLimit,
});
export type ScheduleQuery = z.infer<typeof ScheduleQuery>;
