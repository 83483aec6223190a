import type { Lease, Owner } from './lease.js';

/** A lease and who holds it. */
export interface HeldLease extends Lease {
  owner: Owner;
}

export interface LeaseChanges {
  /** In no order; a lease may come again although it has not changed. */
  leases: HeldLease[];
  /** Whose leases count at the moment. */
  live: Owner[];
  /** Pass it back as `since`. Opaque. */
  next: string;
  /** Whether there is more at once. */
  more: boolean;
}

/**
 * Port: which users have devices on which node. Duties of every driver (test/contracts/presence-store.contract-spec.ts):
 *
 * - A lease counts while its owner's own lease does: `renew` makes that last `ttl` milliseconds from now. An owner that
 *   does not come back is no owner any more, without anybody cleaning up.
 * - A newer incarnation of a node ends the leases of the older at once; the older learns it from `renew`.
 * - `changes` gives what others said since, and at least all that was said before it was called; a change may be given
 *   more than once, never too seldom. Without `since` it gives all leases that count.
 * - The clock is the store's, not that of the nodes.
 * - A store that cannot be reached rejects with AppError `unavailable`.
 */
export abstract class PresenceStore {
  /** Whether other processes may hold leases: else nobody need ask for changes. */
  abstract readonly shared: boolean;

  /** False: a newer incarnation of the same node has taken over, and what this one says counts no more. */
  abstract renew(owner: Owner, ttl: number): Promise<boolean>;

  /** What the owner says of these users from now on; of no user twice. */
  abstract hold(owner: Owner, leases: readonly Lease[]): Promise<void>;

  /** Gives up everything at once. */
  abstract release(owner: Owner): Promise<void>;

  /** What others than the owner hold; at most `limit` leases. */
  abstract changes(owner: Owner, since: string | undefined, limit: number): Promise<LeaseChanges>;

  /** Those of the users of whom somebody says that they are there: by the owners that count. */
  abstract present(users: readonly string[]): Promise<ReadonlySet<string>>;

  /** Removes what counts no more and was seen by everybody. Changes no answer. */
  abstract sweep(): Promise<void>;
}
