import type { GroupRole, GroupSettings } from '@rookery/protocol';
import { type AppError, invalidField } from '../common/index.js';
import type { AppendRule, Effects } from '../journal/index.js';
import { conflict, forbidden, GroupScene, notFound, refused } from './group-scene.js';
import { attributesOf, FOREVER, isInvited, withSettings, type GroupAttributes } from './group-state.js';

export interface GroupLimits {
  /** Members of one group. */
  maxMembers: number;
  /** Milliseconds that an invitation is good for, and that who was turned down has to wait. */
  inviteTtl: number;
}

type Verdict = AppError | Effects;
type Decide = (group: GroupScene) => Verdict;

export const DISSOLVED = 'The group has been dissolved';
const FULL = 'The group is full';

/*
 * Every change of a group, as a rule that is asked in the transaction, under the lock of the group: what it sees is
 * what is true when the entry is stored. A stranger gets the answer for a group that does not exist.
 */

/** For members of a group that still lives. */
const byMember =
  (by: string, decide: Decide): AppendRule =>
  (scene) => {
    const group = new GroupScene(scene);
    if (!group.isMember(by)) return notFound();
    return group.state.dissolved ? refused(DISSOLVED) : decide(group);
  };

/** For owner and admins. */
const byModerator = (by: string, decide: Decide): AppendRule =>
  byMember(by, (group) => (group.rank(by) < 1 ? forbidden() : decide(group)));

const byOwner = (by: string, decide: Decide): AppendRule =>
  byMember(by, (group) => (group.rank(by) < 2 ? forbidden() : decide(group)));

/** For who is outside; a group that is dissolved does not exist for him. */
const byOutsider =
  (by: string, decide: Decide): AppendRule =>
  (scene) => {
    const group = new GroupScene(scene);
    if (group.isMember(by)) return conflict('Is a member already');
    return group.state.dissolved ? notFound() : decide(group);
  };

export const create =
  (by: string, { name, visibility, ...settings }: Settings): AppendRule =>
  ({ isNew, time, seq }) => {
    if (!isNew) return conflict('This id is taken');
    const state = withSettings({ name, visibility, owner: by, members: 1, created: time }, settings);
    return {
      state: { ...state },
      relations: [{ user: by, joined: seq - 1, left: null, role: 'owner' }],
    };
  };
type Settings = Pick<GroupSettings, 'name' | 'visibility'> & Partial<GroupSettings>;

export const update = (by: string, set: Partial<GroupSettings>): AppendRule =>
  byModerator(by, (group) => ({ state: { ...withSettings(group.state, set) } }));

export const join = (by: string, limits: GroupLimits): AppendRule =>
  byOutsider(by, (group) => {
    const { visibility, requests } = group.state;
    const isOpen = visibility === 'open';
    if (group.outside(by) === 'banned') return isOpen ? refused('Banned from this group') : notFound();
    if (isOpen || isInvited(group.relation(by), group.time)) return admitted(group, [by], limits);
    return requests ? refused('To be asked for with group.request') : notFound();
  });

export const accept = (by: string, limits: GroupLimits): AppendRule =>
  byOutsider(by, (group) =>
    isInvited(group.relation(by), group.time) ? admitted(group, [by], limits) : notFound(),
  );

export const decline = (by: string): AppendRule =>
  byOutsider(by, (group) =>
    isInvited(group.relation(by), group.time) ? group.mark([by], null) : notFound(),
  );

/** The owner goes last, or gives the group away first. When the last member goes it is dissolved. */
export const leave =
  (by: string): AppendRule =>
  (scene) => {
    const group = new GroupScene(scene);
    if (!group.isMember(by)) return notFound();
    const { members, dissolved } = group.state;
    const isNeeded = group.rank(by) === 2 && members > 1 && !dissolved;
    return isNeeded
      ? refused('The owner has to transfer the group first, or to dissolve it')
      : group.end([by]);
  };

/** `blockers`: who of the invited wants nothing from who invites; he is invited without ever learning of it. */
export const invite = (
  by: string,
  users: readonly string[],
  blockers: ReadonlySet<string>,
  { inviteTtl }: GroupLimits,
): AppendRule =>
  byMember(by, (group) => {
    if (group.state.invite === 'admins' && group.rank(by) < 1) return forbidden();
    if (users.some((user) => group.outside(user) === 'banned')) return refused('One of them is banned');
    const outside = users.filter((user) => !group.isMember(user));
    if (outside.length === 0) return conflict('Are members already');
    const until = group.time + inviteTtl;
    const hidden = outside.filter((user) => blockers.has(user));
    // Who is invited by somebody else stays so.
    const unheard = hidden.filter((user) => !isInvited(group.relation(user), group.time));
    const invited = outside.filter((user) => !blockers.has(user));
    return together(
      group.mark(invited, 'invited', { by, until }),
      group.mark(unheard, 'invited', { by, until, hidden: true }),
    );
  });

export const request = (by: string, { inviteTtl }: GroupLimits): AppendRule =>
  byOutsider(by, (group) => {
    const { visibility, requests } = group.state;
    const outside = group.outside(by);
    if (isInvited(group.relation(by), group.time)) return conflict('Is invited already');
    if (visibility !== 'open' && !requests) return notFound();
    if (outside === 'banned') return refused('Banned from this group');
    if (visibility === 'open') return refused('The group is open: join it');
    if (outside === 'requested') return conflict('Has asked already');
    const { rejected } = attributesOf(group.relation(by));
    if (rejected !== undefined && group.time < rejected + inviteTtl) return refused('Was turned down');
    return group.mark([by], 'requested');
  });

export const approve = (by: string, users: readonly string[], limits: GroupLimits): AppendRule =>
  byModerator(by, (group) =>
    users.every((user) => group.outside(user) === 'requested') ? admitted(group, users, limits) : notFound(),
  );

export const reject = (by: string, users: readonly string[]): AppendRule =>
  byModerator(by, (group) => {
    const asked = users.filter((user) => group.outside(user) === 'requested');
    const invited = users.filter((user) => group.outside(user) === 'invited');
    if (asked.length + invited.length < users.length) return notFound();
    return together(group.mark(asked, null, { rejected: group.time }), group.mark(invited, null));
  });

/** By an administrator of the server, who need not be a member. Who is one already stays as he is. */
export const add =
  (users: readonly string[], limits: GroupLimits): AppendRule =>
  (scene) => {
    const group = new GroupScene(scene);
    if (group.state.dissolved) return refused(DISSOLVED);
    const outside = users.filter((user) => !group.isMember(user));
    return outside.length === 0 ? conflict('Are members already') : admitted(group, outside, limits);
  };

export const remove = (by: string, users: readonly string[]): AppendRule =>
  byModerator(by, (group) => {
    if (!users.every((user) => group.isMember(user))) return notFound();
    return outranks(group, by, users) ? group.end(users) : forbidden();
  });

export const ban = (by: string, users: readonly string[]): AppendRule =>
  byModerator(by, (group) => (outranks(group, by, users) ? group.end(users, 'banned') : forbidden()));

export const unban = (by: string, users: readonly string[]): AppendRule =>
  byModerator(by, (group) =>
    users.every((user) => group.outside(user) === 'banned') ? group.mark(users, null) : notFound(),
  );

export const setRole = (by: string, user: string, role: Exclude<GroupRole, 'owner'>): AppendRule =>
  byOwner(by, (group) => {
    if (!group.isMember(user)) return notFound();
    if (user === by) return refused('The owner transfers the group instead');
    return group.rank(user) === (role === 'admin' ? 1 : 0)
      ? conflict('Has that role already')
      : { relations: [{ user, role }] };
  });

/** The owner before becomes an admin. */
export const transfer = (by: string, user: string): AppendRule =>
  byOwner(by, (group) => {
    if (!group.isMember(user)) return notFound();
    if (user === by) return conflict('Is the owner already');
    return {
      state: group.with({ owner: user }),
      relations: [
        { user: by, role: 'admin' },
        { user, role: 'owner' },
      ],
    };
  });

export const mute = (by: string, user: string, until: number = FOREVER): AppendRule =>
  byModerator(by, (group) => {
    if (!group.isMember(user)) return notFound();
    if (!outranks(group, by, [user])) return forbidden();
    if (until <= group.time) return invalidField('until', 'Is over already');
    return withAttributes(group, user, { mutedUntil: until });
  });

export const unmute = (by: string, user: string): AppendRule =>
  byModerator(by, (group) => {
    if (!group.isMember(user)) return notFound();
    const { mutedUntil = 0 } = attributesOf(group.relation(user));
    return mutedUntil > group.time
      ? withAttributes(group, user, { mutedUntil: undefined })
      : conflict('Is not muted');
  });

export const dissolve = (by: string): AppendRule =>
  byOwner(by, (group) => ({ state: group.with({ dissolved: true }) }));

function admitted(group: GroupScene, users: readonly string[], { maxMembers }: GroupLimits): Verdict {
  return group.state.members + users.length > maxMembers ? refused(FULL) : group.join(users);
}

const outranks = (group: GroupScene, by: string, users: readonly string[]): boolean =>
  users.every((user) => group.rank(by) > group.rank(user));

function withAttributes(group: GroupScene, user: string, attributes: GroupAttributes): Effects {
  return { relations: [{ user, attributes: { ...attributesOf(group.relation(user)), ...attributes } }] };
}

const together = (...effects: Effects[]): Effects => ({
  relations: effects.flatMap(({ relations = [] }) => relations),
});
