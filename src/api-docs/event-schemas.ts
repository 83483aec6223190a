import { z } from 'zod';
import {
  ErrorCode,
  MessageKind,
  type ChatMessage,
  type ChatReceipt,
  type CommandName,
  type Commands,
  type ConversationState,
  type ErrorData,
  type EventName,
  type Events,
  type Hello,
  type HistoryEntry,
  type NotificationMessage,
  type Stored,
} from '@rookery/protocol';

/** What the server sends, as schemas: the wire types have none, because nobody validates what we write ourselves. */
const seq = z.int().min(1);
const cursor = z.int().min(0);
const time = z.int().describe('Milliseconds since the epoch');
const conversation = z.string().describe('Conversation id');
const user = z.string().describe('User id');
/** The empty schema: as exact as `z.json()` for what has been JSON already, and easier to read. */
const anyJson = z.unknown();
const syncMode = z.enum(['push', 'self']);

const stored = { conversation, seq, id: z.string().describe('<conversation>#<seq>'), time };

const ChatMessageSchema = z.object({
  ...stored,
  from: user,
  to: user.optional(),
  kind: z.enum(MessageKind),
  content: anyJson.describe('A string for text, a reference for media, any JSON for custom'),
  replyTo: seq.optional(),
  mentions: z.array(user).optional(),
  clientId: z.string().optional(),
}) satisfies z.ZodType<ChatMessage>;

const NotificationSchema = z.object({
  conversation: conversation.optional(),
  seq: seq.optional(),
  id: z.string().optional(),
  time,
  type: z.string(),
  content: anyJson,
}) satisfies z.ZodType<NotificationMessage>;

const ReceiptSchema = z.object({
  conversation,
  seq,
  user,
  kind: z.enum(['delivered', 'read']),
}) satisfies z.ZodType<ChatReceipt>;

const HelloSchema = z.object({
  protocol: z.int(),
  user,
  device: z.string(),
  connection: z.string(),
  sync: syncMode,
  serverTime: time,
  expiresAt: time.nullable(),
  heartbeat: z.object({ interval: z.number(), timeout: z.number() }).describe('Seconds'),
  limits: z.object({ maxMessageSize: z.int(), maxDepth: z.int(), commandsPerSecond: z.int() }),
}) satisfies z.ZodType<Hello>;

/** `data` of every event. */
export const EVENT_SCHEMAS = {
  hello: HelloSchema,
  'chat.message': ChatMessageSchema,
  'chat.receipt': ReceiptSchema,
  'chat.typing': z.object({ conversation, from: user, active: z.boolean() }),
  'chat.synced': z.object({ messages: z.int().min(0) }),
  'notification.message': NotificationSchema,
  'auth.expiring': z.object({ expiresAt: time }),
  goaway: z.object({ reason: z.string(), retryAfter: z.number().describe('Seconds') }),
} satisfies { [Name in EventName]: z.ZodType<Events[Name]> };

const StoredSchema = z.object(stored) satisfies z.ZodType<Stored>;

const HistoryEntrySchema = z.discriminatedUnion('event', [
  ChatMessageSchema.extend({ event: z.literal('chat.message') }),
  NotificationSchema.extend({ ...stored, event: z.literal('notification.message') }),
]) satisfies z.ZodType<HistoryEntry>;

const ConversationStateSchema = z.object({
  conversation,
  kind: z.enum(['direct', 'group', 'inbox', 'broadcast']),
  peer: user.optional(),
  head: cursor,
  delivered: cursor,
  read: cursor,
  peerDelivered: cursor.optional(),
  peerRead: cursor.optional(),
  time,
}) satisfies z.ZodType<ConversationState>;

/** `data` of the answer to every command. */
export const REPLY_SCHEMAS = {
  auth: z.object({ user, expiresAt: time.nullable() }),
  ping: z.object({ time }),
  'chat.send': StoredSchema.extend({ duplicate: z.boolean() }),
  'chat.delivered': z.null(),
  'chat.read': z.null(),
  'chat.history': z.object({
    conversation,
    head: cursor,
    messages: z.array(HistoryEntrySchema),
    more: z.boolean(),
  }),
  'chat.sync': z.object({ conversations: z.array(ConversationStateSchema), next: z.string().nullable() }),
  'chat.typing': z.null(),
  'notification.send': StoredSchema.extend({ duplicate: z.boolean() }),
  'notification.broadcast': StoredSchema.extend({ duplicate: z.boolean() }),
} satisfies { [Name in CommandName]: z.ZodType<Commands[Name]['reply']> };

/** Where the answer is a frame of another type than `ok`. */
export const REPLY_TYPES: Partial<Record<string, string>> = { ping: 'pong' };

/** `data` of an `error` frame, and the core of every HTTP error body. */
export const ErrorSchema = z.object({
  code: z.enum(ErrorCode),
  message: z.string(),
  retryable: z.boolean().describe('The same command may succeed later, repeated with the same client id'),
  retryAfter: z.number().optional().describe('Seconds'),
  details: z.array(z.object({ field: z.string(), message: z.string() })).optional(),
}) satisfies z.ZodType<ErrorData>;
