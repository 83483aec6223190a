import { z } from 'zod';
import {
  NotificationPriority,
  type InboxItem,
  type NotificationAudience,
  type NotificationChange,
  type NotificationCommands,
  type NotificationEvents,
  type NotificationMessage,
  type NotificationWithdrawal,
  type ScheduledNotification,
} from '@rookery/protocol';
import {
  ErrorSchema,
  SentSchema,
  StoredSchema,
  anyJson,
  conversation,
  seq,
  stored,
  time,
  user,
} from './fields.js';

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

const AudienceSchema = z.union([
  z.literal('all'),
  z.object({ role: z.string() }),
  z.object({ group: conversation }),
  z.object({ users: z.array(user) }),
]) satisfies z.ZodType<NotificationAudience>;

const ScheduledSchema = z.object({
  id: z.uuid(),
  state: z.enum(['pending', 'sending', 'sent', 'cancelled', 'failed']),
  at: time,
  createdAt: time,
  target: z.union([z.object({ to: user }), z.object({ audience: AudienceSchema })]),
  type: z.string(),
  content: anyJson,
  expiresAt: time.optional(),
  sent: SentSchema.optional(),
  error: ErrorSchema.optional(),
}) satisfies z.ZodType<ScheduledNotification>;

const ChangedSchema = z.object({ changed: z.int().min(0) });

export const NOTIFICATION_EVENTS = {
  'notification.message': NotificationSchema,
  'notification.changed': NotificationChangeSchema,
  'notification.withdrawn': NotificationWithdrawalSchema,
} satisfies { [Name in keyof NotificationEvents]: z.ZodType<NotificationEvents[Name]> };

export const NOTIFICATION_REPLIES = {
  'notification.send': SentSchema,
  'notification.broadcast': SentSchema,
  'notification.schedule': ScheduledSchema.extend({ duplicate: z.boolean() }),
  'notification.cancel': z.null(),
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
