import type { GroupRole, GroupSettings } from '@rookery/protocol';
import { isUserId } from '../common/index.js';
import type { ConversationFacts, Relation } from '../journal/index.js';

/** What the journal keeps with a group; a setting that has its default is absent, because every message reads this. */
export interface GroupState extends Partial<Omit<GroupSettings, 'name' | 'visibility'>> {
  name: GroupSettings['name'];
  visibility: GroupSettings['visibility'];
  owner: string;
  /** How many there are. */
  members: number;
  /** Milliseconds since the epoch. */
  created: number;
  dissolved?: true;
}

/** What the journal keeps with a user's relation to a group. */
export interface GroupAttributes {
  /** Milliseconds since the epoch. Survives leaving, so that coming back does not end it. */
  mutedUntil?: number;
  /** Time of the last message; only in slow groups. Likewise. */
  lastSent?: number;
  /** Of an invitation: who gave it, and when (milliseconds since the epoch) it expires. */
  by?: string;
  until?: number;
  /** The invited has blocked who invited: he never learns of it, and cannot accept it. */
  hidden?: true;
  /** When a request was turned down. */
  rejected?: number;
  /** How the group was called when he left. */
  name?: string;
}

/** `role` of a relation that is no membership. */
export type Outside = 'invited' | 'requested' | 'banned';

export const DEFAULTS = {
  history: 'joined',
  slowMode: 0,
  muteAll: false,
  requests: false,
  invite: 'members',
  pin: 'admins',
} as const satisfies Partial<GroupSettings>;

/** Milliseconds since the epoch, in the year 9999: a mute that only ends when it is lifted. */
export const FOREVER = 253_402_300_799_999;

/** Whether an id can be that of a group: like a user id, but without a colon, which tells other kinds of conversations. */
export const isGroupId = (id: string): boolean => !id.includes(':') && isUserId(id);

export const stateOf = ({ state }: Pick<ConversationFacts, 'state'>): GroupState =>
  state as unknown as GroupState;

export const attributesOf = (relation: Pick<Relation, 'attributes'> | undefined): GroupAttributes =>
  relation?.attributes ?? {};

/** A relation that is a membership. */
export type MemberRelation = Relation & { left: null };

export const isMember = (relation: Relation | undefined): relation is MemberRelation =>
  relation?.left === null;

/** Of a member; whoever was made one without a role is a plain one. */
export const roleOf = ({ role }: Pick<Relation, 'role'>): GroupRole => (role ?? 'member') as GroupRole;

/** Whether somebody is invited, knows it, and may still come. */
export function isInvited(relation: Relation | undefined, now: number): boolean {
  const { until = 0, hidden } = attributesOf(relation);
  return relation?.role === 'invited' && !isMember(relation) && !hidden && until > now;
}

/** Takes settings over; a default, and an empty text, is the same as nothing. */
export function withSettings(state: GroupState, set: Partial<GroupSettings>): GroupState {
  const settings = Object.entries({ ...state, ...set }).filter(
    ([name, value]) => value !== '' && value !== (DEFAULTS as Record<string, unknown>)[name],
  );
  return Object.fromEntries(settings) as unknown as GroupState;
}
