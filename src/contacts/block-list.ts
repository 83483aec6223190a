import { LRUCache } from 'lru-cache';

/** Users and blocked ones held together: some 10 MiB. */
const CAPACITY = 200_000;
/** Milliseconds: a change that another process made is seen after that at the latest. */
const MAX_AGE = 60_000;

type Blocked = ReadonlySet<string>;

/** Whom users have blocked, kept in memory: it is asked for every typing user, invitation and call. */
export class BlockList {
  readonly capacity = CAPACITY;
  private readonly known = new LRUCache<string, Blocked>({
    maxSize: CAPACITY,
    sizeCalculation: ({ size }) => size + 1,
    ttl: MAX_AGE,
  });
  private readonly loads = new Map<string, Promise<Blocked>>();

  /** `read` asks the store whom a user has blocked. */
  constructor(private readonly read: (user: string) => Promise<readonly string[]>) {}

  get size(): number {
    return this.known.calculatedSize;
  }

  async of(user: string): Promise<Blocked> {
    return this.known.get(user) ?? this.load(user);
  }

  /** His list has changed: whoever asks from now on is told so, also if it is being read at the moment. */
  forget(user: string): void {
    this.known.delete(user);
    this.loads.delete(user);
  }

  private load(user: string): Promise<Blocked> {
    const under = this.loads.get(user);
    if (under) return under;
    const load: Promise<Blocked> = this.read(user).then(
      (found) => this.keep(user, new Set(found), load),
      (error: unknown) => {
        if (this.loads.get(user) === load) this.loads.delete(user);
        throw error;
      },
    );
    this.loads.set(user, load);
    return load;
  }

  private keep(user: string, blocked: Blocked, load: Promise<Blocked>): Blocked {
    if (this.loads.get(user) !== load) return blocked;
    this.loads.delete(user);
    this.known.set(user, blocked);
    return blocked;
  }
}
