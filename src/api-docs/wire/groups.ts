import { z } from 'zod';
import type {
  GroupChange,
  GroupCommands,
  GroupEvents,
  GroupInvitation,
  GroupMember,
  GroupProfile,
} from '@rookery/protocol';
import { SentSchema, seq, stored, time, user } from './fields.js';

const settings = {
  name: z.string(),
  visibility: z.enum(['open', 'private']),
  avatar: z.string().optional(),
  description: z.string().optional(),
  history: z.enum(['joined', 'all']),
  slowMode: z.int().describe('Seconds'),
  muteAll: z.boolean(),
  requests: z.boolean(),
  invite: z.enum(['members', 'admins']),
  pin: z.enum(['members', 'admins']),
};
const role = z.enum(['owner', 'admin', 'member']);

const ProfileSchema = z.object({
  ...settings,
  id: z.string().describe('Group id, which is the id of its conversation'),
  owner: user,
  members: z.int().describe('How many there are'),
  created: time,
  dissolved: z.literal(true).optional(),
  relation: z.enum(['member', 'past', 'invited', 'requested', 'banned', 'none']),
  role: role.optional(),
  mutedUntil: time.optional(),
}) satisfies z.ZodType<GroupProfile>;

const MemberSchema = z.object({
  user,
  relation: z.enum(['member', 'invited', 'requested', 'banned']),
  role: role.optional(),
  mutedUntil: time.optional(),
  invitedBy: user.optional(),
  until: time.optional(),
}) satisfies z.ZodType<GroupMember>;

export const GroupChangeSchema = z.object({
  ...stored,
  by: user,
  change: z.enum([
    'created',
    'updated',
    'joined',
    'left',
    'removed',
    'banned',
    'unbanned',
    'invited',
    'declined',
    'requested',
    'rejected',
    'role',
    'transferred',
    'muted',
    'unmuted',
    'dissolved',
  ]),
  users: z.array(user).optional(),
  role: z.enum(['admin', 'member']).optional(),
  until: time.optional(),
  set: z.object(settings).partial().optional(),
}) satisfies z.ZodType<GroupChange>;

export const GroupInvitationSchema = z.object({
  ...stored,
  group: z.string().describe('Group id'),
  name: z.string(),
  by: user,
  until: time,
}) satisfies z.ZodType<GroupInvitation>;

export const GROUP_EVENTS = {
  'group.changed': GroupChangeSchema,
  'group.invited': GroupInvitationSchema,
} satisfies { [Name in keyof GroupEvents]: z.ZodType<GroupEvents[Name]> };

const next = z.string().nullable();

export const GROUP_REPLIES = {
  'group.create': ProfileSchema.extend({ seq, time, duplicate: z.boolean() }),
  'group.get': ProfileSchema,
  'group.update': SentSchema,
  'group.join': SentSchema,
  'group.leave': SentSchema,
  'group.invite': SentSchema,
  'group.accept': SentSchema,
  'group.decline': SentSchema,
  'group.request': SentSchema,
  'group.approve': SentSchema,
  'group.reject': SentSchema,
  'group.add': SentSchema,
  'group.remove': SentSchema,
  'group.ban': SentSchema,
  'group.unban': SentSchema,
  'group.role': SentSchema,
  'group.transfer': SentSchema,
  'group.mute': SentSchema,
  'group.unmute': SentSchema,
  'group.dissolve': SentSchema,
  'group.members': z.object({ members: z.array(MemberSchema), next }),
  'group.list': z.object({ groups: z.array(ProfileSchema), next }),
} satisfies { [Name in keyof GroupCommands]: z.ZodType<GroupCommands[Name]['reply']> };
