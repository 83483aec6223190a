import type { Devices, Lease, Owner } from './lease.js';
import { PresenceStore, type HeldLease, type LeaseChanges } from './presence-store.js';

interface Said {
  devices?: Devices;
  /** Place in the order of all that was said. */
  revision: number;
}

interface Holder {
  owner: Owner;
  expiresAt: number;
  leases: Map<string, Said>;
}

/** Milliseconds for which it is known that a lease has ended. */
const REMEMBERED = 60_000;

/** For one process: nothing is written anywhere. Several owners in that process see one another. */
export class MemoryPresenceStore extends PresenceStore {
  override readonly shared: boolean = false;
  private readonly holders = new Map<string, Holder>();
  private revision = 0;
  /** What ended before is forgotten by the next sweep. */
  private swept = { at: 0, revision: 0 };

  /** Milliseconds, on a clock that never goes back. */
  constructor(private readonly now: () => number = () => performance.now()) {
    super();
  }

  override async renew(owner: Owner, ttl: number): Promise<boolean> {
    const holder = this.holderOf(owner);
    if (holder) holder.expiresAt = this.now() + ttl;
    return holder !== undefined;
  }

  override async hold(owner: Owner, leases: readonly Lease[]): Promise<void> {
    const held = this.holderOf(owner)?.leases;
    for (const { user, devices } of leases) held?.set(user, { devices, revision: ++this.revision });
  }

  override async release(owner: Owner): Promise<void> {
    if (this.holders.get(owner.node)?.owner.incarnation === owner.incarnation)
      this.holders.delete(owner.node);
  }

  override async changes(owner: Owner, since: string | undefined, limit: number): Promise<LeaseChanges> {
    const after = Number(since ?? 0);
    const others = this.live().filter((holder) => holder.owner.node !== owner.node);
    const found = others
      .flatMap((holder) => saidBy(holder))
      .filter(({ revision, devices }) => revision > after && (since !== undefined || devices))
      .sort((a, b) => a.revision - b.revision);
    const page = found.slice(0, limit);
    const more = found.length > limit;
    const next = String(more ? page.at(-1)?.revision : this.revision);
    return { leases: page.map(({ lease }) => lease), live: others.map((holder) => holder.owner), next, more };
  }

  override async present(users: readonly string[]): Promise<ReadonlySet<string>> {
    const live = this.live();
    return new Set(users.filter((user) => live.some(({ leases }) => leases.get(user)?.devices)));
  }

  override async sweep(): Promise<void> {
    const now = this.now();
    for (const [node, { expiresAt }] of this.holders) if (expiresAt <= now) this.holders.delete(node);
    if (now - this.swept.at < REMEMBERED) return;
    for (const { leases } of this.holders.values())
      for (const [user, { devices, revision }] of leases)
        if (!devices && revision <= this.swept.revision) leases.delete(user);
    this.swept = { at: now, revision: this.revision };
  }

  private live(): Holder[] {
    return [...this.holders.values()].filter(({ expiresAt }) => expiresAt > this.now());
  }

  private holderOf(owner: Owner): Holder | undefined {
    const present = this.holders.get(owner.node);
    if (present?.owner.incarnation === owner.incarnation) return present;
    if (present && present.owner.incarnation > owner.incarnation) return undefined;
    const holder = { owner, expiresAt: 0, leases: new Map<string, Said>() };
    this.holders.set(owner.node, holder);
    return holder;
  }
}

function saidBy({ owner, leases }: Holder): (Said & { lease: HeldLease })[] {
  return [...leases].map(([user, said]) => ({ ...said, lease: { owner, user, devices: said.devices } }));
}
