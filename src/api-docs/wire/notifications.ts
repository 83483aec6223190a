import { z } from 'zod';
import {
  NotificationPriority,
  type InboxItem,
  type NotificationChange,
  type NotificationCommands,
  type NotificationEvents,
  type NotificationMessage,
  type NotificationWithdrawal,
} from '@rookery/protocol';
import { SentSchema, StoredSchema, anyJson, conversation, seq, stored, time } from './fields.js';

export const NotificationSchema = z.object({
  conversation: conversation.optional(),
  seq: seq.optional(),
  id: z.string().optional(),
  time,
  type: z.string(),
  content: anyJson,
  priority: z.enum(NotificationPriority).optional(),
  expiresAt: time.optional(),
  locale: z.string().optional(),
}) satisfies z.ZodType<NotificationMessage>;

const InboxItemSchema = NotificationSchema.extend({
  ...stored,
  read: z.boolean(),
}) satisfies z.ZodType<InboxItem>;

export const NotificationChangeSchema = StoredSchema.extend({
  state: z.enum(['read', 'deleted']),
  ids: z.array(z.string()),
}) satisfies z.ZodType<NotificationChange>;

export const NotificationWithdrawalSchema = StoredSchema.extend({
  withdrawn: seq,
}) satisfies z.ZodType<NotificationWithdrawal>;

const ChangedSchema = z.object({ changed: z.int().min(0) });

export const NOTIFICATION_EVENTS = {
  'notification.message': NotificationSchema,
  'notification.changed': NotificationChangeSchema,
  'notification.withdrawn': NotificationWithdrawalSchema,
} satisfies { [Name in keyof NotificationEvents]: z.ZodType<NotificationEvents[Name]> };

export const NOTIFICATION_REPLIES = {
  'notification.send': SentSchema,
  'notification.broadcast': SentSchema,
  'notification.list': z.object({
    notifications: z.array(InboxItemSchema),
    next: z.string().nullable(),
  }),
  'notification.unread': z.object({ count: z.int().min(0), more: z.boolean() }),
  'notification.read': ChangedSchema,
  'notification.readAll': z.null(),
  'notification.delete': ChangedSchema,
  'notification.locale': z.null(),
} satisfies { [Name in keyof NotificationCommands]: z.ZodType<NotificationCommands[Name]['reply']> };
