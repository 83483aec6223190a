import { Injectable } from '@nestjs/common';
import type { Commands, GroupMember, GroupProfile, GroupRelation } from '@rookery/protocol';
import { JournalService, type ConversationFacts, type Relation } from '../journal/index.js';
import { GroupMembersRepository, type ListQuery, type MemberRow } from './group-members.repository.js';
import { forbidden, notFound } from './group-scene.js';
import { isModerator } from '../common/index.js';
import { attributesOf, DEFAULTS, isGroupId, isInvited, isMember, roleOf, stateOf } from './group-state.js';

type Members = Commands['group.members']['reply'];
type Groups = Commands['group.list']['reply'];

/** What a user may see of groups. A group that is not his to see is answered like one that does not exist. */
@Injectable()
export class GroupDirectory {
  constructor(
    private readonly journal: JournalService,
    private readonly repository: GroupMembersRepository,
  ) {}

  async profile(user: string, group: string): Promise<GroupProfile> {
    const facts = await this.facts(group);
    const relation = await this.journal.relation(user, group);
    if (!facts || !maySee(facts, relation)) throw notFound();
    return toProfile(group, facts, relation);
  }

  async members(user: string, group: string, query: ListQuery & { prefix?: string }): Promise<Members> {
    const relation = (await this.facts(group)) && (await this.journal.relation(user, group));
    if (!isMember(relation)) throw notFound();
    if (query.relation !== 'member' && !isModerator(relation)) throw forbidden();
    const rows = await this.repository.members(group, { ...query, limit: query.limit + 1 });
    const now = Date.now();
    const members = rows.slice(0, query.limit).map((row) => toMember(query.relation, row, now));
    return { members, next: rows.length > query.limit ? (members.at(-1)?.user ?? null) : null };
  }

  async groups(user: string, query: ListQuery): Promise<Groups> {
    const rows = await this.repository.groups(user, { ...query, limit: query.limit + 1 });
    const page = rows.slice(0, query.limit);
    // An invitation may have expired, or may be one that he is not to learn of.
    const groups = page
      .filter((row) => maySee(row, row) && relationNameOf(row) === query.relation)
      .map((row) => toProfile(row.id, row, row));
    return { groups, next: rows.length > query.limit ? (page.at(-1)?.id ?? null) : null };
  }

  /** Undefined also for what is no group. */
  private async facts(group: string): Promise<ConversationFacts | undefined> {
    if (!isGroupId(group)) return undefined;
    const facts = await this.journal.conversation(group);
    return facts?.state ? facts : undefined;
  }
}

function maySee(facts: ConversationFacts, relation: Relation | undefined): boolean {
  if (isMember(relation)) return true;
  const { visibility, requests, dissolved } = stateOf(facts);
  if (dissolved) return false;
  if (visibility === 'open' || isInvited(relation, Date.now())) return true;
  return Boolean(requests) && relation?.role !== 'banned';
}

function toProfile(id: string, facts: ConversationFacts, relation: Relation | undefined): GroupProfile {
  const { owner, members, created, dissolved, ...settings } = stateOf(facts);
  const { mutedUntil = 0 } = attributesOf(relation);
  const isIn = isMember(relation);
  return {
    id,
    ...DEFAULTS,
    ...settings,
    owner,
    members,
    created,
    ...(dissolved && { dissolved }),
    relation: relationNameOf(relation),
    ...(isIn && { role: roleOf(relation) }),
    ...(isIn && mutedUntil > Date.now() && { mutedUntil }),
  };
}

function relationNameOf(relation: Relation | undefined): GroupRelation {
  if (isMember(relation)) return 'member';
  if (isInvited(relation, Date.now())) return 'invited';
  if (relation?.role === 'requested' || relation?.role === 'banned') return relation.role;
  return relation?.left ? 'past' : 'none';
}

function toMember(relation: GroupMember['relation'], row: MemberRow, now: number): GroupMember {
  const { mutedUntil = 0, by, until } = attributesOf(row);
  return {
    user: row.user,
    relation,
    ...(relation === 'member' && { role: roleOf(row) }),
    ...(relation === 'member' && mutedUntil > now && { mutedUntil }),
    ...(relation === 'invited' && { invitedBy: by, until }),
  };
}
