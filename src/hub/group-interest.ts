/** Who of the users of this node is a member of which group: so that no message has to look up its audience. */
export class GroupInterest {
  private readonly usersByGroup = new Map<string, Set<string>>();
  private readonly groupsByUser = new Map<string, Set<string>>();
  private readonly loads = new Map<string, Load>();

  /** `groupsOf` reads the journal. */
  constructor(private readonly groupsOf: (user: string) => Promise<string[]>) {}

  /** Resolves when everything about a user is known; free when it is. Rejects when it could not be read. */
  async load(user: string): Promise<void> {
    if (this.groupsByUser.has(user)) return;
    const known = this.loads.get(user);
    if (known) return known.done;
    const load: Load = { done: Promise.resolve(), changes: new Map() };
    this.loads.set(user, load);
    load.done = this.read(user, load);
    return load.done;
  }

  /** Of groups that are told nothing: nobody is here. */
  usersOf(group: string): Iterable<string> {
    return this.usersByGroup.get(group) ?? NOBODY;
  }

  isMember(user: string, group: string): boolean {
    return this.usersByGroup.get(group)?.has(user) ?? false;
  }

  /** A user became a member, or is none any more; ignored for who is not here. */
  change(user: string, group: string, member: boolean): void {
    this.loads.get(user)?.changes.set(group, member);
    if (this.groupsByUser.has(user)) this.apply(user, group, member);
  }

  /** A user has gone. */
  forget(user: string): void {
    this.loads.delete(user);
    for (const group of this.groupsByUser.get(user) ?? []) this.removeUser(user, group);
    this.groupsByUser.delete(user);
  }

  /** Groups with somebody here. */
  get size(): number {
    return this.usersByGroup.size;
  }

  /** Changes that are committed while the journal answers may be in its answer or not: they are made after it. */
  private async read(user: string, load: Load): Promise<void> {
    try {
      const found = await this.groupsOf(user);
      if (this.loads.get(user) !== load) return;
      this.groupsByUser.set(user, NO_GROUPS);
      for (const group of found) this.apply(user, group, true);
      for (const [group, member] of load.changes) this.apply(user, group, member);
    } finally {
      if (this.loads.get(user) === load) this.loads.delete(user);
    }
  }

  private apply(user: string, group: string, member: boolean): void {
    const groups = this.groupsByUser.get(user);
    if (!member) {
      groups?.delete(group);
      return this.removeUser(user, group);
    }
    if (groups && groups !== NO_GROUPS) groups.add(group);
    else this.groupsByUser.set(user, new Set([group]));
    const users = this.usersByGroup.get(group);
    if (users) users.add(user);
    else this.usersByGroup.set(group, new Set([user]));
  }

  private removeUser(user: string, group: string): void {
    const users = this.usersByGroup.get(group);
    if (users?.delete(user) && users.size === 0) this.usersByGroup.delete(group);
  }
}

interface Load {
  done: Promise<void>;
  changes: Map<string, boolean>;
}

const NOBODY: readonly string[] = [];

/** Of all the users who are in none: nothing is ever put into it. */
const NO_GROUPS: Set<string> = new Set();
