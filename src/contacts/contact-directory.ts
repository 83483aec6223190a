/**
 * Port: who knows whom. What presence, invitations, calls and the rule of who may message whom go by. Rejects with a
 * retryable AppError `unavailable` when it cannot be asked.
 */
export abstract class ContactDirectory {
  /**
   * Whether {@link blockersOf} and {@link contactsOfEach} are one question however many they are about. Default false:
   * what goes to everybody does not ask then, and contacts are asked for user by user.
   */
  readonly asksAtOnce: boolean = false;

  /** Accepted contacts of a user, in the order of their ids. */
  abstract contactsOf(user: string): Promise<readonly string[]>;

  /** The same of several, by user; who is absent has none. The default asks {@link contactsOf} of each. */
  async contactsOfEach(users: readonly string[]): Promise<ReadonlyMap<string, readonly string[]>> {
    return new Map(
      await Promise.all(users.map(async (user) => [user, await this.contactsOf(user)] as const)),
    );
  }

  abstract areContacts(a: string, b: string): Promise<boolean>;

  /** Whether `owner` wants nothing from `other`: no message, no presence, no invitation, no call. */
  abstract hasBlocked(owner: string, other: string): Promise<boolean>;

  /** Of `owners`, those who have blocked `other`. One question where {@link hasBlocked} would be many; the default asks it of each. */
  async blockersOf(other: string, owners: readonly string[]): Promise<ReadonlySet<string>> {
    const blocked = await Promise.all(owners.map((owner) => this.hasBlocked(owner, other)));
    return new Set(owners.filter((_, index) => blocked[index]));
  }

  /** Of `others`, those whom `owner` has blocked; likewise. */
  async blockedBy(owner: string, others: readonly string[]): Promise<ReadonlySet<string>> {
    const blocked = await Promise.all(others.map((other) => this.hasBlocked(owner, other)));
    return new Set(others.filter((_, index) => blocked[index]));
  }
}
