import { z } from 'zod';
import { NotificationPriority } from '@rookery/protocol';
import { UserId } from '../common/index.js';
import { Audience } from './audience.js';
import { NotificationContent, NotificationType, PageLimit, Time } from './notification.schema.js';
import { TemplateName } from './templates/template.schema.js';

export const PublishBody = z
  .strictObject({
    to: UserId.optional().describe('One user, into his inbox; else `audience`'),
    audience: Audience.optional(),
    type: NotificationType,
    content: NotificationContent.optional().describe('Either this or `template`'),
    template: z
      .strictObject({ name: TemplateName, data: z.record(z.string(), z.json()).optional() })
      .optional(),
    priority: z.enum(NotificationPriority).optional(),
    expiresAt: Time.optional(),
    at: Time.optional().describe('When to tell it; default: now. Milliseconds since the epoch'),
  })
  .refine(({ to, audience }) => (to === undefined) !== (audience === undefined), {
    message: 'Give either to or audience',
    path: ['to'],
  })
  .refine(({ content, template }) => (content === undefined) !== (template === undefined), {
    message: 'Give either content or template',
    path: ['content'],
  });
export type PublishBody = z.infer<typeof PublishBody>;

export const SCHEDULE_STATES = ['pending', 'sending', 'sent', 'cancelled', 'failed'] as const;

export const ScheduleQuery = z.strictObject({
  state: z.enum(SCHEDULE_STATES).optional(),
  cursor: z.uuid().optional().describe('The next of the page before'),
  limit: PageLimit,
});
export type ScheduleQuery = z.infer<typeof ScheduleQuery>;
