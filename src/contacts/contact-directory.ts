/**
 * Port: who knows whom. What presence, invitations, calls and the rule of who may message whom go by. Rejects with a
 * retryable AppError `unavailable` when it cannot be asked.
 */
export abstract class ContactDirectory {
  /** Accepted contacts of a user, in the order of their ids. */
  abstract contactsOf(user: string): Promise<readonly string[]>;

  abstract areContacts(a: string, b: string): Promise<boolean>;

  /** Whether `owner` wants nothing from `other`: no message, no presence, no invitation, no call. */
  abstract hasBlocked(owner: string, other: string): Promise<boolean>;
}
