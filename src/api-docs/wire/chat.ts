import { z } from 'zod';
import {
  type ChatCommands,
  type ChatEvents,
  type ChatReceipt,
  type ConversationSettings,
  type ConversationState,
  type HistoryEntry,
} from '@rookery/protocol';
import { CallRecordSchema } from './calls.js';
import { ContactChangeSchema } from './contacts.js';
import { GroupChangeSchema, GroupInvitationSchema } from './groups.js';
import { SentSchema, anyJson, conversation, cursor, seq, stored, time, user } from './fields.js';
import { MESSAGE_ACTION_ENTRIES } from './message-actions.js';
import { ChatMessageSchema, MetaSchema } from './messages.js';
import {
  NotificationChangeSchema,
  NotificationSchema,
  NotificationWithdrawalSchema,
} from './notifications.js';

const ReceiptSchema = z.object({
  conversation,
  seq,
  user,
  kind: z.enum(['delivered', 'read']),
}) satisfies z.ZodType<ChatReceipt>;

export const HistoryEntrySchema = z.discriminatedUnion('event', [
  ChatMessageSchema.extend({ event: z.literal('chat.message') }),
  GroupChangeSchema.extend({ event: z.literal('group.changed') }),
  GroupInvitationSchema.extend({ event: z.literal('group.invited') }),
  NotificationSchema.extend({ ...stored, event: z.literal('notification.message') }),
  ContactChangeSchema.extend({ event: z.literal('contact.changed') }),
  NotificationChangeSchema.extend({ event: z.literal('notification.changed') }),
  NotificationWithdrawalSchema.extend({ event: z.literal('notification.withdrawn') }),
  ...MESSAGE_ACTION_ENTRIES,
  CallRecordSchema.extend({ event: z.literal('chat.call') }),
]) satisfies z.ZodType<HistoryEntry>;

const ConversationStateSchema = z.object({
  conversation,
  kind: z.enum(['direct', 'group', 'inbox', 'broadcast']),
  peer: user.optional(),
  name: z.string().optional(),
  role: z.enum(['owner', 'admin', 'member']).optional(),
  left: z.literal(true).optional(),
  head: cursor,
  delivered: cursor,
  read: cursor,
  peerDelivered: cursor.optional(),
  peerRead: cursor.optional(),
  unread: z.int().min(0).describe('1000: so many or more'),
  mentions: z.int().min(0),
  mutedUntil: time.optional(),
  pinned: z.boolean().optional(),
  archived: z.boolean().optional(),
  time,
}) satisfies z.ZodType<ConversationState>;

const SettingsSchema = z.object({
  conversation,
  mutedUntil: time.nullable(),
  pinned: z.boolean(),
  archived: z.boolean(),
}) satisfies z.ZodType<ConversationSettings>;

export const CHAT_EVENTS = {
  'chat.message': ChatMessageSchema,
  'chat.receipt': ReceiptSchema,
  'chat.settings': SettingsSchema,
  'chat.typing': z.object({ conversation, from: user, active: z.boolean() }),
  'chat.broadcast': z.object({
    from: user,
    kind: z.enum(['text', 'custom']),
    content: anyJson,
    meta: MetaSchema.optional(),
    time,
  }),
  'chat.synced': z.object({ messages: z.int().min(0) }),
} satisfies { [Name in keyof ChatEvents]: z.ZodType<ChatEvents[Name]> };

export const CHAT_REPLIES = {
  'chat.send': SentSchema,
  'chat.delivered': z.null(),
  'chat.read': z.null(),
  'chat.history': z.object({
    conversation,
    head: cursor,
    messages: z.array(HistoryEntrySchema),
    more: z.boolean(),
  }),
  'chat.sync': z.object({ conversations: z.array(ConversationStateSchema), next: z.string().nullable() }),
  'chat.unread': z.object({
    messages: z.int().min(0),
    mentions: z.int().min(0),
    conversations: z.int().min(0),
  }),
  'chat.mentions': z.object({ messages: z.array(HistoryEntrySchema), next: z.string().nullable() }),
  'chat.settings': SettingsSchema,
  'chat.readers': z.object({
    count: z.int().min(0),
    readers: z.array(z.object({ user, read: cursor })),
    next: z.string().nullable(),
  }),
  'chat.typing': z.null(),
  'chat.broadcast': z.null(),
} satisfies { [Name in keyof ChatCommands]: z.ZodType<ChatCommands[Name]['reply']> };
