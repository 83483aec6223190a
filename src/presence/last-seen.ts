import type { PresenceRecords } from './presence-records.repository.js';

/** Users whose time waits to be written. */
export const LAST_SEEN_CAPACITY = 50_000;
/** Users in one statement. */
const BATCH = 500;

/**
 * When users were last there. Written in the background, one statement at a time: what waits is lost with the process,
 * and with it at most the seconds since it was last written.
 */
export class LastSeen {
  private readonly waiting = new Map<string, number>();
  /** Of users of whom it is not known whether they are invisible. */
  private readonly unsure = new Map<string, number>();
  private running?: Promise<void>;

  constructor(private readonly records: PresenceRecords) {}

  get size(): number {
    return this.waiting.size + this.unsure.size;
  }

  /** Milliseconds since the epoch. */
  record(user: string, at: number): void {
    keep(this.waiting, user, at);
  }

  /** The same, unless it turns out that the user is invisible. */
  recordUnlessInvisible(user: string, at: number): void {
    keep(this.unsure, user, at);
  }

  async of(users: readonly string[]): Promise<ReadonlyMap<string, number>> {
    const recent = users.flatMap((user) => {
      const at = this.waiting.get(user);
      return at === undefined ? [] : [[user, at] as const];
    });
    const found = await this.records.lastSeenOf(users.filter((user) => !this.waiting.has(user)));
    for (const [user, at] of recent) found.set(user, at);
    return found;
  }

  /** Writes one statement of what waits, or waits for the one under way. Rejects when it could not be written. */
  async writeSome(): Promise<void> {
    this.running ??= this.write().finally(() => (this.running = undefined));
    await this.running;
  }

  /** Writes all of it. */
  async writeAll(): Promise<void> {
    await this.running?.catch(() => undefined);
    while (this.size > 0) await this.writeSome();
  }

  private async makeSure(): Promise<void> {
    const batch = [...take(this.unsure, BATCH)];
    if (batch.length === 0) return;
    const settings = await this.records.settingsOf(batch.map(([user]) => user));
    for (const [user, at] of batch) {
      if (this.unsure.get(user) === at) this.unsure.delete(user);
      if (settings.get(user)?.choice !== 'invisible') this.record(user, at);
    }
  }

  private async write(): Promise<void> {
    await this.makeSure();
    const batch = [...take(this.waiting, BATCH)];
    await this.records.seen(batch);
    for (const [user, at] of batch) if (this.waiting.get(user) === at) this.waiting.delete(user);
  }
}

function keep(times: Map<string, number>, user: string, at: number): void {
  times.delete(user);
  times.set(user, at);
  if (times.size <= LAST_SEEN_CAPACITY / 2) return;
  for (const oldest of times.keys()) return void times.delete(oldest);
}

function* take<T>(items: Iterable<T>, count: number): Iterable<T> {
  let left = count;
  for (const item of items) {
    if (left-- <= 0) return;
    yield item;
  }
}
