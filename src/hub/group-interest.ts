/** Who of the users of this node is a member of which group: so that no message has to look up its audience. */
export class GroupInterest {
  private readonly usersByGroup = new Map<string, Set<string>>();
  private readonly groupsByUser = new Map<string, Set<string>>();
  private readonly loads = new Map<string, Load>();

  /** Entries of groups, and changes of who is in them, since the start. */
  private moves = 0;

  /**
   * Resolves when everything about a user is known; free when it is. Rejects when it could not be read. `ask` reads the
   * journal. Gives what it found if it was asked, and nothing has happened meanwhile in a group of the user: whatever
   * else it says is then as new as if it had been asked afterwards.
   */
  async load<Found extends { groups: readonly string[] }>(
    user: string,
    ask: () => Promise<Found>,
  ): Promise<Found | undefined> {
    if (this.groupsByUser.has(user)) return undefined;
    const known = this.loads.get(user);
    if (known) return known.done.then(() => undefined);
    const load: Load = { done: Promise.resolve(), changes: new Map() };
    this.loads.set(user, load);
    const found = this.read(user, load, ask);
    load.done = found;
    return found;
  }

  /** A group has one entry more. */
  moved(): void {
    this.moves++;
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
    this.moves++;
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
  private async read<Found extends { groups: readonly string[] }>(
    user: string,
    load: Load,
    ask: () => Promise<Found>,
  ): Promise<Found | undefined> {
    const before = this.moves;
    try {
      const found = await ask();
      if (this.loads.get(user) !== load) return undefined;
      this.groupsByUser.set(user, NO_GROUPS);
      for (const group of found.groups) this.apply(user, group, true);
      for (const [group, member] of load.changes) this.apply(user, group, member);
      const isInNone = found.groups.length === 0 && load.changes.size === 0;
      return isInNone || this.moves === before ? found : undefined;
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
  done: Promise<unknown>;
  changes: Map<string, boolean>;
}

const NOBODY: readonly string[] = [];

/** Of all the users who are in none: nothing is ever put into it. */
const NO_GROUPS: Set<string> = new Set();
