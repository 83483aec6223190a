import { ErrorCode } from '@rookery/protocol';
import { AppError, invalidField } from '../common/index.js';
import type { Connection } from '../hub/index.js';

/** Groups that one connection may watch. */
export const MAX_WATCHES = 50;
/** Groups that are watched on this node. */
export const WATCH_CAPACITY = 1_000;
/** Members up to which each of them is told about; beyond, only how many are there. */
export const EXACT_MEMBERS = 500;

export interface WatchedGroup {
  readonly id: string;
  readonly watchers: Set<Connection>;
  /** Undefined: more than {@link EXACT_MEMBERS}, or not read yet. */
  members?: Set<string>;
  /** The last count that was told. */
  online?: number;
}

/** Who watches which group, and, of small groups, who their members are. */
export class GroupWatches {
  private readonly groups = new Map<string, WatchedGroup>();
  private readonly byMember = new Map<string, Set<WatchedGroup>>();
  private readonly byConnection = new Map<Connection, Set<WatchedGroup>>();

  get size(): number {
    return this.groups.size;
  }

  /** Throws AppError `invalid` or `overloaded`. */
  add(connection: Connection, id: string): WatchedGroup {
    const own = this.byConnection.get(connection) ?? new Set<WatchedGroup>();
    const known = this.groups.get(id);
    if (known && own.has(known)) return known;
    if (own.size >= MAX_WATCHES)
      throw invalidField('group', `At most ${MAX_WATCHES} groups of one connection`);
    if (!known && this.groups.size >= WATCH_CAPACITY) throw new AppError(ErrorCode.Overloaded);
    const group = known ?? { id, watchers: new Set<Connection>() };
    this.groups.set(id, group);
    group.watchers.add(connection);
    this.byConnection.set(connection, own.add(group));
    return group;
  }

  /** Without an id all of them. */
  remove(connection: Connection, id?: string): void {
    const own = this.byConnection.get(connection);
    if (!own) return;
    for (const group of own) {
      if (id !== undefined && group.id !== id) continue;
      own.delete(group);
      group.watchers.delete(connection);
      if (group.watchers.size === 0) this.drop(group);
    }
    if (own.size === 0) this.byConnection.delete(connection);
  }

  get(id: string): WatchedGroup | undefined {
    return this.groups.get(id);
  }

  all(): Iterable<WatchedGroup> {
    return this.groups.values();
  }

  of(connection: Connection): Iterable<WatchedGroup> {
    return this.byConnection.get(connection) ?? [];
  }

  /** Small groups in which somebody watches that a user is a member of. */
  withMember(user: string): Iterable<WatchedGroup> {
    return this.byMember.get(user) ?? [];
  }

  /** Who the members are now; more than {@link EXACT_MEMBERS} are not kept. */
  setMembers(group: WatchedGroup, members: readonly string[]): void {
    if (this.groups.get(group.id) !== group) return;
    this.forgetMembers(group);
    if (members.length > EXACT_MEMBERS) return;
    group.members = new Set(members);
    for (const member of members) this.index(member, group);
  }

  private drop(group: WatchedGroup): void {
    this.forgetMembers(group);
    this.groups.delete(group.id);
  }

  private forgetMembers(group: WatchedGroup): void {
    for (const member of group.members ?? []) {
      const groups = this.byMember.get(member);
      if (groups?.delete(group) && groups.size === 0) this.byMember.delete(member);
    }
    group.members = undefined;
  }

  private index(member: string, group: WatchedGroup): void {
    const groups = this.byMember.get(member);
    if (groups) groups.add(group);
    else this.byMember.set(member, new Set([group]));
  }
}
