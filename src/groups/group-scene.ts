import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import type { Effects, Relation, RelationChange, Scene } from '../journal/index.js';
import {
  attributesOf,
  isMember,
  roleOf,
  stateOf,
  type GroupAttributes,
  type GroupState,
  type Outside,
} from './group-state.js';

/** What is true of a group at the moment a change of it is judged, and how it would change. */
export class GroupScene {
  readonly state: GroupState;
  readonly time: number;

  constructor(private readonly scene: Scene) {
    this.state = stateOf(scene);
    this.time = scene.time;
  }

  relation(user: string): Relation | undefined {
    return this.scene.relation(user);
  }

  isMember(user: string): boolean {
    return isMember(this.relation(user));
  }

  /** 2: the owner, 1: an admin, 0: another member, -1: none. */
  rank(user: string): number {
    const relation = this.relation(user);
    return isMember(relation) ? RANKS[roleOf(relation)] : -1;
  }

  /** `role` of somebody who is no member. */
  outside(user: string): Outside | undefined {
    const relation = this.relation(user);
    return isMember(relation) ? undefined : ((relation?.role ?? undefined) as Outside | undefined);
  }

  /** They become members. How long somebody is muted outlives his absence. */
  join(users: readonly string[]): Effects {
    const { seq } = this.scene;
    const joined = this.state.history === 'all' ? 0 : seq - 1;
    const relations = users.map((user): RelationChange => {
      const attributes = this.kept(user);
      return { user, joined, left: null, seen: seq - 1, role: 'member', attributes };
    });
    return { relations, state: this.with({ members: this.state.members + users.length }) };
  }

  /** They stop being members with this entry, which is the last one for them. */
  end(users: readonly string[], role: 'banned' | null = null): Effects {
    const ending = users.filter((user) => this.isMember(user));
    const relations = users.map((user): RelationChange => {
      if (!this.isMember(user)) return { user, role, attributes: this.kept(user) };
      const attributes = this.kept(user, { name: this.state.name });
      return { user, left: this.scene.seq, role, attributes };
    });
    const members = this.state.members - ending.length;
    return { relations, state: this.with({ members, ...(members === 0 && { dissolved: true }) }) };
  }

  /** Other attributes of theirs, and perhaps another role: they come no nearer, and go no further. */
  mark(users: readonly string[], role: string | null, attributes: GroupAttributes = {}): Effects {
    return { relations: users.map((user) => ({ user, role, attributes: this.kept(user, attributes) })) };
  }

  with(changes: Partial<GroupState>): Effects['state'] {
    return { ...this.state, ...changes };
  }

  private kept(user: string, more: GroupAttributes = {}): RelationChange['attributes'] {
    const { mutedUntil = 0, lastSent } = attributesOf(this.relation(user));
    const kept = {
      ...(mutedUntil > this.time && { mutedUntil }),
      ...(lastSent !== undefined && this.state.slowMode && { lastSent }),
      ...more,
    };
    return Object.keys(kept).length > 0 ? kept : null;
  }
}

const RANKS = { owner: 2, admin: 1, member: 0 } as const;

export const notFound = (): AppError => new AppError(ErrorCode.NotFound);
export const forbidden = (message?: string): AppError => new AppError(ErrorCode.Forbidden, { message });
export const refused = (message: string): AppError => new AppError(ErrorCode.Refused, { message });
export const conflict = (message: string): AppError => new AppError(ErrorCode.Conflict, { message });
