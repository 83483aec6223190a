import type { Stored } from './messages.js';

/** What a member may do. One owner; admins and he run the group. */
export type GroupRole = 'owner' | 'admin' | 'member';

/** What a user is to a group. `past`: was a member, and may read what was for him. */
export type GroupRelation = 'member' | 'past' | 'invited' | 'requested' | 'banned' | 'none';

/** How a group is, as its owner and admins set it. */
export interface GroupSettings {
  name: string;
  /** `open`: anybody may join and see the profile; `private`: only by invitation or approved request. */
  visibility: 'open' | 'private';
  /** Address of a picture; absent: none. */
  avatar?: string;
  description?: string;
  /** What who joins may read: what comes after (`joined`, the default), or everything (`all`). */
  history: 'joined' | 'all';
  /** Seconds between two messages of a member; 0, the default: no limit. Owner and admins are exempt. */
  slowMode: number;
  /** Only owner and admins may write; default false. */
  muteAll: boolean;
  /** Whether strangers may ask to join a private group, and so learn that it exists; default false. */
  requests: boolean;
  /** Who may invite; default `members`. */
  invite: 'members' | 'admins';
  /** Who may pin; default `admins`. */
  pin: 'members' | 'admins';
}

/** A group, seen by one user. */
export interface GroupProfile extends GroupSettings {
  /** The group's id, which is the id of its conversation. */
  id: string;
  owner: string;
  /** How many there are. */
  members: number;
  /** Milliseconds since the epoch. */
  created: number;
  /** Nothing more is accepted. */
  dissolved?: true;
  /** What the caller is to it. */
  relation: GroupRelation;
  /** Of a member. */
  role?: GroupRole;
  /** Milliseconds since the epoch: until then the caller may not write. */
  mutedUntil?: number;
}

/** One line of a member list. */
export interface GroupMember {
  user: string;
  relation: Exclude<GroupRelation, 'past' | 'none'>;
  role?: GroupRole;
  /** Milliseconds since the epoch. */
  mutedUntil?: number;
  /** Who invited, and until when (milliseconds since the epoch) the invitation is good. */
  invitedBy?: string;
  until?: number;
}

/** What an entry did to its group. */
export type GroupChangeKind =
  | 'created'
  | 'updated'
  | 'joined'
  | 'left'
  | 'removed'
  | 'banned'
  | 'unbanned'
  | 'invited'
  | 'declined'
  | 'requested'
  | 'rejected'
  | 'role'
  | 'transferred'
  | 'muted'
  | 'unmuted'
  | 'dissolved';

/** `group.changed`: one change, at its place in the journal of the group. */
export interface GroupChange extends Stored {
  change: GroupChangeKind;
  /** Who did it. */
  by: string;
  /** Whom it is about; absent where the group as such changed. */
  users?: string[];
  /** The new role, of `role`. */
  role?: 'admin' | 'member';
  /** Of `muted`, milliseconds since the epoch; absent: until it is lifted. */
  until?: number;
  /** What is new, of `created` and `updated`. */
  set?: Partial<GroupSettings>;
}

/** `group.invited`: in the inbox of the invited. */
export interface GroupInvitation extends Stored {
  group: string;
  name: string;
  /** Who invites. */
  by: string;
  /** Milliseconds since the epoch; then it has expired. */
  until: number;
}

type Changed = Stored & { duplicate: boolean };
/** `clientId` makes a retry free: the same id by the same user in the same group is done once. */
type InGroup = { conversation: string; clientId?: string };

/** Settings that may be given; an `avatar` or `description` of `""` takes it away. */
type Settable = Partial<GroupSettings>;

/** Commands of groups. A group is named by its id, which is the id of its conversation. */
export interface GroupCommands {
  /** Without an `id` one is made. */
  'group.create': {
    data: Settable & Pick<GroupSettings, 'name' | 'visibility'> & { id?: string; clientId?: string };
    reply: GroupProfile & { seq: number; time: number; duplicate: boolean };
  };
  'group.get': { data: { conversation: string }; reply: GroupProfile };
  'group.update': { data: InGroup & Settable; reply: Changed };
  /** An open group, or one that has invited the caller. */
  'group.join': { data: InGroup; reply: Changed };
  'group.leave': { data: InGroup; reply: Changed };
  'group.invite': { data: InGroup & { users: string[] }; reply: Changed };
  'group.accept': { data: InGroup; reply: Changed };
  'group.decline': { data: InGroup; reply: Changed };
  /** Asks to join a private group. */
  'group.request': { data: InGroup; reply: Changed };
  'group.approve': { data: InGroup & { users: string[] }; reply: Changed };
  /** Turns requests down, and takes invitations back. */
  'group.reject': { data: InGroup & { users: string[] }; reply: Changed };
  /** Makes users members without asking them; for administrators of the server. */
  'group.add': { data: InGroup & { users: string[] }; reply: Changed };
  'group.remove': { data: InGroup & { users: string[] }; reply: Changed };
  /** Members are removed; nobody of them can join until `group.unban`. */
  'group.ban': { data: InGroup & { users: string[] }; reply: Changed };
  'group.unban': { data: InGroup & { users: string[] }; reply: Changed };
  /** `owner` is the same as `group.transfer`. */
  'group.role': { data: InGroup & { user: string; role: GroupRole }; reply: Changed };
  'group.transfer': { data: InGroup & { user: string }; reply: Changed };
  /** `until` in milliseconds since the epoch; absent: until `group.unmute`. */
  'group.mute': { data: InGroup & { user: string; until?: number }; reply: Changed };
  'group.unmute': { data: InGroup & { user: string }; reply: Changed };
  /** Ends the group for everybody; what was written stays readable. */
  'group.dissolve': { data: InGroup; reply: Changed };
  /** In the order of the ids. Only owner and admins see who is `invited`, `requested` or `banned`. */
  'group.members': {
    data: {
      conversation: string;
      relation?: GroupMember['relation'];
      /** How the ids begin. */
      prefix?: string;
      cursor?: string;
      limit?: number;
    };
    reply: { members: GroupMember[]; next: string | null };
  };
  /** The caller's groups, or those that invited him or that he asked, in the order of their ids. */
  'group.list': {
    data: { relation?: 'member' | 'invited' | 'requested'; cursor?: string; limit?: number };
    reply: { groups: GroupProfile[]; next: string | null };
  };
}

/** Events of groups. */
export interface GroupEvents {
  'group.changed': GroupChange;
  'group.invited': GroupInvitation;
}
