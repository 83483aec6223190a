import { z } from 'zod';
import type { Commands, GroupSettings } from '@rookery/protocol';
import { ClientId, UserId } from '../common/index.js';
import { FOREVER, isGroupId } from './group-state.js';

export const MAX_GROUP_ID_LENGTH = 64;
/** Users that one command may be about. */
const MAX_USERS = 100;
/** The same for an administrator of the server who makes users members. */
const MAX_ADDED = 1000;
const MAX_SLOW_MODE = 86_400;
const MAX_PAGE = 200;

export const GroupId = z
  .string()
  .max(MAX_GROUP_ID_LENGTH)
  .refine(isGroupId, 'Not a group id')
  .describe('Group id');

/** Any id: one that no group can have is answered like a group that does not exist. */
const Conversation = z.string().min(1).max(255).describe('Group id');

const NAME = z
  .string()
  .min(1)
  .max(100)
  .refine(
    (name) => name.trim() === name && !/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}]/u.test(name),
    'One line, without space at either end',
  );

const PictureUrl = z
  .string()
  .max(1024)
  .regex(/^((https?:\/\/|\/(?!\/))[^\s\\]+)?$/, 'An http(s) URL, a path on this server, or nothing');

const settings = {
  name: NAME,
  visibility: z.enum(['open', 'private']),
  avatar: PictureUrl,
  description: z
    .string()
    .max(1000)
    .refine((text) => text.isWellFormed(), 'Half a character'),
  history: z.enum(['joined', 'all']),
  slowMode: z.int().min(0).max(MAX_SLOW_MODE).describe('Seconds'),
  muteAll: z.boolean(),
  requests: z.boolean(),
  invite: z.enum(['members', 'admins']),
  pin: z.enum(['members', 'admins']),
} satisfies { [Name in keyof GroupSettings]-?: z.ZodType<GroupSettings[Name]> };

export const GroupDraft = z
  .strictObject({ ...settings, id: GroupId.optional() })
  .partial()
  .required({
    name: true,
    visibility: true,
  });
export type GroupDraft = z.infer<typeof GroupDraft>;

const SOMETHING = 'Give at least one setting';
const Changes = z.strictObject(settings).partial();
export const GroupChanges = Changes.refine((set) => Object.keys(set).length > 0, SOMETHING);
export type GroupChanges = z.infer<typeof Changes>;

const userList = (max: number) =>
  z
    .array(UserId)
    .min(1)
    .max(max)
    .refine((users) => new Set(users).size === users.length, 'Nobody twice');

export const Users = z.strictObject({ users: userList(MAX_USERS) });
export type Users = z.infer<typeof Users>;
export const AddedUsers = z.strictObject({ users: userList(MAX_ADDED) });
export const OneUser = z.strictObject({ user: UserId });
export type OneUser = z.infer<typeof OneUser>;
export const UserRole = OneUser.extend({ role: z.enum(['owner', 'admin', 'member']) });
export type UserRole = z.infer<typeof UserRole>;
export const UserMute = OneUser.extend({
  until: z.int().min(1).max(FOREVER).optional().describe('Milliseconds since the epoch'),
});
export type UserMute = z.infer<typeof UserMute>;

const inGroup = { conversation: Conversation, clientId: ClientId.optional() };

export const GroupCreate = GroupDraft.extend({ clientId: ClientId.optional() }) satisfies z.ZodType<
  Commands['group.create']['data']
>;
export type GroupCreate = z.infer<typeof GroupCreate>;
export const GroupGet = z.strictObject({ conversation: Conversation });
export type GroupGet = z.infer<typeof GroupGet>;
export const GroupUpdate = Changes.extend(inGroup).refine(
  (command) => Object.keys(settings).some((name) => name in command),
  SOMETHING,
);
export type GroupUpdate = z.infer<typeof GroupUpdate>;
export const InGroup = z.strictObject(inGroup);
export type InGroup = z.infer<typeof InGroup>;
export const GroupUsers = Users.extend(inGroup);
export type GroupUsers = z.infer<typeof GroupUsers>;
export const GroupAdd = AddedUsers.extend(inGroup);
export const GroupUser = OneUser.extend(inGroup);
export type GroupUser = z.infer<typeof GroupUser>;
export const GroupUserRole = UserRole.extend(inGroup);
export type GroupUserRole = z.infer<typeof GroupUserRole>;
export const GroupUserMute = UserMute.extend(inGroup);
export type GroupUserMute = z.infer<typeof GroupUserMute>;

const memberPage = {
  relation: z.enum(['member', 'invited', 'requested', 'banned']).default('member'),
  prefix: z
    .string()
    .min(1)
    .max(120)
    .refine((text) => text.isWellFormed() && !text.includes('\0'), 'Not the beginning of a user id')
    .optional(),
  cursor: UserId.describe('The next of the page before').optional(),
};
const groupPage = {
  relation: z.enum(['member', 'invited', 'requested']).default('member'),
  cursor: GroupId.describe('The next of the page before').optional(),
};
const limit = z.int().min(1).max(MAX_PAGE).default(50);
/** In a query string. */
const limitText = z
  .string()
  .regex(/^\d{1,3}$/)
  .transform(Number)
  .pipe(z.int().min(1).max(MAX_PAGE))
  .default(50);

export const MemberQuery = z.strictObject({ ...memberPage, limit: limitText });
export type MemberQuery = z.infer<typeof MemberQuery>;
export const GroupMembers = z.strictObject({ ...memberPage, conversation: Conversation, limit });
export type GroupMembers = z.infer<typeof GroupMembers>;
export const GroupQuery = z.strictObject({ ...groupPage, limit: limitText });
export type GroupQuery = z.infer<typeof GroupQuery>;
export const GroupList = z.strictObject({ ...groupPage, limit });
export type GroupList = z.infer<typeof GroupList>;
