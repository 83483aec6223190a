import { z } from 'zod';
import type { NotificationCommands, NotificationEvents, NotificationMessage } from '@rookery/protocol';
import { SentSchema, anyJson, conversation, seq, time } from './fields.js';

export const NotificationSchema = z.object({
  conversation: conversation.optional(),
  seq: seq.optional(),
  id: z.string().optional(),
  time,
  type: z.string(),
  content: anyJson,
}) satisfies z.ZodType<NotificationMessage>;

export const NOTIFICATION_EVENTS = {
  'notification.message': NotificationSchema,
} satisfies { [Name in keyof NotificationEvents]: z.ZodType<NotificationEvents[Name]> };

export const NOTIFICATION_REPLIES = {
  'notification.send': SentSchema,
  'notification.broadcast': SentSchema,
} satisfies { [Name in keyof NotificationCommands]: z.ZodType<NotificationCommands[Name]['reply']> };
