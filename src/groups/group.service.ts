import { createHash } from 'node:crypto';
import { Injectable, type OnModuleInit } from '@nestjs/common';
import { v7 as uuid } from 'uuid';
import type { Commands, GroupProfile, GroupRole, GroupSettings } from '@rookery/protocol';
import { isAdmin, type Principal } from '../auth/index.js';
import { EventBus } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { EventPresenters, MembershipEffects } from '../hub/index.js';
import {
  entryId,
  JournalService,
  type AppendRequest,
  type AppendResult,
  type AppendRule,
} from '../journal/index.js';
import { GROUP_ENTRY, membershipEffectOf, toGroupChange, type GroupChangeBody } from './group-change.js';
import { GroupDirectory } from './group-directory.js';
import { GroupHooks, type JoinAttempt } from './group-hooks.js';
import { GroupInvitations } from './group-invitations.js';
import { GroupMembersRepository, type ListQuery } from './group-members.repository.js';
import { askedAbout, groupPostRule } from './group-post-rule.js';
import { withRoom } from './group-room.js';
import * as rules from './group-rules.js';
import { forbidden, notFound } from './group-scene.js';
import { isGroupId, isMember } from './group-state.js';
import { GroupChanged } from './group.events.js';
import { GroupDraft } from './group.schema.js';

export type GroupResult = Commands['group.join']['reply'];
export type CreatedGroup = Commands['group.create']['reply'];

export interface GroupOptions {
  /** Idempotency key, printable ASCII, at most 64 characters: the same key by the same user in the same group is done once. */
  key?: string;
  /** Handed to before-hooks. Absent: a service acts for the user. */
  principal?: Principal;
}

/**
 * Groups: each is a conversation, each change of it an entry of its journal. Messages are sent into a group with
 * `MessageService`. Every call acts in a user's name, with the rights that he has at the moment of the commit; it
 * resolves after the commit and rejects with AppError: `not_found` (no such group, or not the user's to see),
 * `forbidden` (a member without the right), `refused` (see the message), `conflict` (it is so already, or the key was
 * used for something else), or a retryable one.
 */
@Injectable()
export class GroupService implements OnModuleInit {
  private readonly limits: rules.GroupLimits & { maxGroups: number };

  constructor(
    private readonly journal: JournalService,
    private readonly directory: GroupDirectory,
    private readonly repository: GroupMembersRepository,
    private readonly invitations: GroupInvitations,
    private readonly hooks: GroupHooks,
    private readonly presenters: EventPresenters,
    private readonly effects: MembershipEffects,
    private readonly bus: EventBus,
    config: AppConfig,
  ) {
    this.limits = config.groups;
  }

  onModuleInit(): void {
    this.journal.setRule('group', groupPostRule, askedAbout);
    this.effects.register(GROUP_ENTRY, membershipEffectOf);
    this.presenters.register(GROUP_ENTRY, (entry) => ({ type: GROUP_ENTRY, data: toGroupChange(entry) }));
    this.journal.onCommitted(({ entry }) => {
      if (entry.type !== GROUP_ENTRY || !this.bus.has(GroupChanged)) return;
      this.bus.publish(new GroupChanged(toGroupChange(entry)));
    });
  }

  /** The maker is owner and member. With a key and without an id, the key makes the id: a repetition finds its group. */
  async create(user: string, draft: GroupDraft, { key }: GroupOptions = {}): Promise<CreatedGroup> {
    const { id = madeId(user, key), ...set } = GroupDraft.parse(draft);
    const request = this.requestOf(user, id, { change: 'created', set }, rules.create(user, set), [], key);
    const { entry, duplicate } = await this.journal.append({
      ...request,
      ...withRoom(user, this.limits.maxGroups),
      create: { kind: 'group', members: [user] },
    });
    const profile = await this.directory.profile(user, id);
    return { ...profile, seq: entry.seq, time: entry.time, duplicate };
  }

  /** What a user may see of a group. */
  get(user: string, group: string): Promise<GroupProfile> {
    return this.directory.profile(user, group);
  }

  /** A page of members, for members; of the invited, those who asked and the banned for owner and admins. */
  members(user: string, group: string, query: ListQuery & { prefix?: string }) {
    return this.directory.members(user, group, query);
  }

  /** A page of the user's groups, or of those that invited him or that he asked. */
  list(user: string, query: ListQuery) {
    return this.directory.groups(user, query);
  }

  /** Whether a user is a member at the moment, and as what. */
  async roleOf(user: string, group: string): Promise<GroupRole | undefined> {
    if (!isGroupId(group)) return undefined;
    const relation = await this.journal.relation(user, group);
    return isMember(relation) ? ((relation.role ?? 'member') as GroupRole) : undefined;
  }

  update(
    by: string,
    group: string,
    set: Partial<GroupSettings>,
    options?: GroupOptions,
  ): Promise<GroupResult> {
    return this.change(by, group, { change: 'updated', set }, rules.update(by, set), [], options);
  }

  /** Into an open group, or one that has invited the user. */
  join(user: string, group: string, options?: GroupOptions): Promise<GroupResult> {
    return this.enter(user, group, 'join', rules.join(user, this.limits), options);
  }

  accept(user: string, group: string, options?: GroupOptions): Promise<GroupResult> {
    return this.enter(user, group, 'accept', rules.accept(user, this.limits), options);
  }

  decline(user: string, group: string, options?: GroupOptions): Promise<GroupResult> {
    return this.change(user, group, { change: 'declined', users: [user] }, rules.decline(user), [], options);
  }

  leave(user: string, group: string, options?: GroupOptions): Promise<GroupResult> {
    return this.change(user, group, { change: 'left', users: [user] }, rules.leave(user), [], options);
  }

  /** Those invited find it in their inboxes; it is good for `GROUP_INVITE_TTL`. Who has blocked `by` is told nothing. */
  async invite(
    by: string,
    group: string,
    users: readonly string[],
    options: GroupOptions = {},
  ): Promise<GroupResult> {
    await this.hooks.beforeInvite({ by, group, users }, options.principal);
    const blockers = await this.invitations.blockers(by, users);
    const rule = rules.invite(by, users, blockers, this.limits);
    const result = await this.append(
      by,
      group,
      { change: 'invited', users: [...users] },
      rule,
      users,
      options,
    );
    await this.invitations.tell(result.entry, users, result.entry.time + this.limits.inviteTtl);
    return toResult(result);
  }

  /** Asks to join a private group that lets itself be asked. */
  async request(user: string, group: string, options: GroupOptions = {}): Promise<GroupResult> {
    await this.hooks.beforeJoin({ user, group, via: 'request', by: user }, options.principal);
    const rule = rules.request(user, this.limits);
    return this.change(user, group, { change: 'requested', users: [user] }, rule, [], options);
  }

  async approve(
    by: string,
    group: string,
    users: readonly string[],
    options: GroupOptions = {},
  ): Promise<GroupResult> {
    for (const user of users)
      await this.hooks.beforeJoin({ user, group, via: 'approve', by }, options.principal);
    const rule = rules.approve(by, users, this.limits);
    return this.change(by, group, { change: 'joined', users: [...users] }, rule, users, options);
  }

  /** Turns requests down, and takes invitations back. */
  reject(by: string, group: string, users: readonly string[], options?: GroupOptions): Promise<GroupResult> {
    return this.changeUsers(by, group, 'rejected', users, rules.reject(by, users), options);
  }

  /**
   * Makes users members without asking anybody, as one entry: for back-ends that build groups. With a `principal` that
   * must be an administrator of the server; without one the caller is trusted.
   */
  async add(
    by: string,
    group: string,
    users: readonly string[],
    options: GroupOptions = {},
  ): Promise<GroupResult> {
    if (options.principal && !isAdmin(options.principal)) throw forbidden();
    return this.changeUsers(by, group, 'joined', users, rules.add(users, this.limits), options);
  }

  remove(by: string, group: string, users: readonly string[], options?: GroupOptions): Promise<GroupResult> {
    return this.changeUsers(by, group, 'removed', users, rules.remove(by, users), options);
  }

  /** Members are removed; nobody of them can come again until {@link unban}. */
  ban(by: string, group: string, users: readonly string[], options?: GroupOptions): Promise<GroupResult> {
    return this.changeUsers(by, group, 'banned', users, rules.ban(by, users), options);
  }

  unban(by: string, group: string, users: readonly string[], options?: GroupOptions): Promise<GroupResult> {
    return this.changeUsers(by, group, 'unbanned', users, rules.unban(by, users), options);
  }

  setRole(
    by: string,
    group: string,
    user: string,
    role: GroupRole,
    options?: GroupOptions,
  ): Promise<GroupResult> {
    if (role === 'owner') return this.transfer(by, group, user, options);
    const rule = rules.setRole(by, user, role);
    return this.change(by, group, { change: 'role', users: [user], role }, rule, [user], options);
  }

  /** The owner before becomes an admin. */
  transfer(by: string, group: string, user: string, options?: GroupOptions): Promise<GroupResult> {
    return this.changeUsers(by, group, 'transferred', [user], rules.transfer(by, user), options);
  }

  /** `until` in milliseconds since the epoch; absent: until {@link unmute}. */
  mute(
    by: string,
    group: string,
    user: string,
    until?: number,
    options?: GroupOptions,
  ): Promise<GroupResult> {
    const body: GroupChangeBody = { change: 'muted', users: [user], ...(until !== undefined && { until }) };
    return this.change(by, group, body, rules.mute(by, user, until), [user], options);
  }

  unmute(by: string, group: string, user: string, options?: GroupOptions): Promise<GroupResult> {
    return this.changeUsers(by, group, 'unmuted', [user], rules.unmute(by, user), options);
  }

  /** Nothing more is accepted but leaving; what was written stays readable. */
  dissolve(by: string, group: string, options?: GroupOptions): Promise<GroupResult> {
    return this.change(by, group, { change: 'dissolved' }, rules.dissolve(by), [], options);
  }

  private async enter(
    user: string,
    group: string,
    via: JoinAttempt['via'],
    rule: AppendRule,
    options: GroupOptions = {},
  ): Promise<GroupResult> {
    await this.hooks.beforeJoin({ user, group, via, by: user }, options.principal);
    const body: GroupChangeBody = { change: 'joined', users: [user] };
    const request = this.requestOf(user, group, body, rule, [], options.key);
    return toResult(await this.journal.append({ ...request, ...withRoom(user, this.limits.maxGroups) }));
  }

  private changeUsers(
    by: string,
    group: string,
    change: GroupChangeBody['change'],
    users: readonly string[],
    rule: AppendRule,
    options?: GroupOptions,
  ): Promise<GroupResult> {
    return this.change(by, group, { change, users: [...users] }, rule, users, options);
  }

  private async change(
    by: string,
    group: string,
    body: GroupChangeBody,
    rule: AppendRule,
    about: readonly string[],
    options?: GroupOptions,
  ): Promise<GroupResult> {
    return toResult(await this.append(by, group, body, rule, about, options));
  }

  private async append(
    by: string,
    group: string,
    body: GroupChangeBody,
    rule: AppendRule,
    about: readonly string[],
    { key }: GroupOptions = {},
  ): Promise<AppendResult> {
    return this.journal.append(this.requestOf(by, group, body, rule, about, key));
  }

  private requestOf(
    by: string,
    group: string,
    body: GroupChangeBody,
    rule: AppendRule,
    about: readonly string[],
    key: string = uuid(),
  ): AppendRequest {
    if (!isGroupId(group)) throw notFound();
    const request = { conversation: group, type: GROUP_ENTRY, sender: by, clientId: key, body, rule };
    return { ...request, about: about.includes(by) ? about : [by, ...about] };
  }
}

/** Begins with G, so that clients which tell groups by that can use every group. */
function madeId(user: string, key: string | undefined): string {
  const seed = key === undefined ? uuid() : `${user}\0${key}`;
  return `G${createHash('sha256').update(seed).digest('hex').slice(0, 24)}`;
}

function toResult({ entry, duplicate }: AppendResult): GroupResult {
  const { conversation, seq, time } = entry;
  return { conversation, seq, id: entryId(entry), time, duplicate };
}
