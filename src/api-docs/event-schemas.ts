import { z } from 'zod';
import { type CommandName, type Commands, type EventName, type Events, type Hello } from '@rookery/protocol';
import { CALL_EVENTS, CALL_REPLIES } from './wire/calls.js';
import { CHAT_EVENTS, CHAT_REPLIES } from './wire/chat.js';
import { CONTACT_EVENTS, CONTACT_REPLIES } from './wire/contacts.js';
import { time, user } from './wire/fields.js';
import { GROUP_EVENTS, GROUP_REPLIES } from './wire/groups.js';
import { MESSAGE_ACTION_EVENTS, MESSAGE_ACTION_REPLIES } from './wire/message-actions.js';
import { SEARCH_REPLIES } from './wire/search.js';
import { NOTIFICATION_EVENTS, NOTIFICATION_REPLIES } from './wire/notifications.js';
import { PRESENCE_EVENTS, PRESENCE_REPLIES } from './wire/presence.js';
import { PUSH_REPLIES } from './wire/push.js';

const syncMode = z.enum(['push', 'self']);

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
  'auth.expiring': z.object({ expiresAt: time }),
  goaway: z.object({ reason: z.string(), retryAfter: z.number().describe('Seconds') }),
  ...CALL_EVENTS,
  ...CHAT_EVENTS,
  ...CONTACT_EVENTS,
  ...GROUP_EVENTS,
  ...MESSAGE_ACTION_EVENTS,
  ...NOTIFICATION_EVENTS,
  ...PRESENCE_EVENTS,
} satisfies { [Name in EventName]: z.ZodType<Events[Name]> };

/** `data` of the answer to every command. */
export const REPLY_SCHEMAS = {
  auth: z.object({ user, expiresAt: time.nullable() }),
  ping: z.object({ time }),
  ...CALL_REPLIES,
  ...CHAT_REPLIES,
  ...CONTACT_REPLIES,
  ...GROUP_REPLIES,
  ...MESSAGE_ACTION_REPLIES,
  ...SEARCH_REPLIES,
  ...NOTIFICATION_REPLIES,
  ...PRESENCE_REPLIES,
  ...PUSH_REPLIES,
} satisfies { [Name in CommandName]: z.ZodType<Commands[Name]['reply']> };

/** Where the answer is a frame of another type than `ok`. */
export const REPLY_TYPES: Partial<Record<string, string>> = { ping: 'pong' };

export { ErrorSchema } from './wire/fields.js';
