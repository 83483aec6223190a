import { z } from 'zod';
import type {
  GroupPresence,
  Presence,
  PresenceCommands,
  PresenceEvents,
  PresencePrivacy,
  PresenceStatus,
} from '@rookery/protocol';
import { time, user } from './fields.js';

const StatusSchema = z.object({
  text: z.string(),
  expiresAt: time.optional(),
}) satisfies z.ZodType<PresenceStatus>;

const PresenceSchema = z.object({
  user,
  state: z.enum(['online', 'busy', 'away', 'offline', 'invisible']).describe('invisible: only to himself'),
  status: StatusSchema.optional(),
  platforms: z.array(z.string()).optional(),
  lastSeen: time.optional(),
}) satisfies z.ZodType<Presence>;

const circle = z.enum(['everybody', 'contacts', 'nobody']);
const PrivacySchema = z.object({ online: circle, lastSeen: circle }) satisfies z.ZodType<PresencePrivacy>;

const GroupPresenceSchema = z.object({
  group: z.string().describe('Conversation id'),
  online: z.int().min(0),
}) satisfies z.ZodType<GroupPresence>;

const UsersSchema = z.object({ users: z.array(PresenceSchema) });

export const PRESENCE_EVENTS = {
  'presence.snapshot': UsersSchema.extend({ more: z.boolean() }),
  'presence.changed': UsersSchema,
  'presence.group': GroupPresenceSchema,
} satisfies { [Name in keyof PresenceEvents]: z.ZodType<PresenceEvents[Name]> };

export const PRESENCE_REPLIES = {
  'presence.set': PresenceSchema,
  'presence.get': UsersSchema,
  'presence.subscribe': UsersSchema,
  'presence.unsubscribe': z.null(),
  'presence.watch': GroupPresenceSchema.extend({ users: z.array(PresenceSchema).optional() }),
  'presence.unwatch': z.null(),
  'presence.privacy': PrivacySchema,
} satisfies { [Name in keyof PresenceCommands]: z.ZodType<PresenceCommands[Name]['reply']> };
