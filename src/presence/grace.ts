import { combined, type Devices } from './lease.js';

interface Lingering {
  devices: Devices;
  /** On the clock of whoever says what time it is. */
  until: number;
}

/**
 * Devices whose connection has gone a moment ago and that may come back: so long nobody is told anything. A user who
 * comes and goes all the time looks as if he stayed.
 */
export class Grace {
  /** In the order of their ends, because all last equally long. */
  private readonly lingering = new Map<string, Lingering>();

  constructor(
    /** Milliseconds. */
    readonly length: number,
    /** Users at most; beyond it the one who waits longest has gone at once. */
    readonly capacity: number,
  ) {}

  get size(): number {
    return this.lingering.size;
  }

  /** A device has gone. Returns the user whose time is up early, where there are too many. */
  begin(user: string, devices: Devices, now: number): string | undefined {
    const before = this.lingering.get(user);
    this.lingering.delete(user);
    const oldest = this.lingering.size >= this.capacity ? firstOf(this.lingering.keys()) : undefined;
    if (oldest !== undefined) this.lingering.delete(oldest);
    const together = before ? (combined([before.devices, devices]) ?? devices) : devices;
    this.lingering.set(user, { devices: together, until: now + this.length });
    return oldest;
  }

  devicesOf(user: string): Devices | undefined {
    return this.lingering.get(user)?.devices;
  }

  /** Users whose time is up; they are forgotten. */
  ended(now: number): string[] {
    const users: string[] = [];
    for (const [user, { until }] of this.lingering) {
      if (until > now) break;
      users.push(user);
    }
    for (const user of users) this.lingering.delete(user);
    return users;
  }
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
