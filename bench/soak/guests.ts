import { join } from 'node:path';
import { ClientLog } from './client-log.js';
import { between, pick } from './random.js';
import { SoakClient, type SoakClientOptions } from './soak-client.js';

export interface GuestOptions extends Pick<SoakClientOptions, 'url' | 'tokenLife' | 'tally'> {
  users: readonly string[];
  directory: string;
  /** Mean milliseconds between two arrivals. */
  every: number;
}

/** Devices nobody has seen before, which come, listen and go for good. */
export class Guests {
  readonly logs: ClientLog[] = [];
  private readonly present = new Map<SoakClient, NodeJS.Timeout>();
  private readonly ended: Promise<void>[] = [];
  private arrival?: NodeJS.Timeout;

  constructor(private readonly options: GuestOptions) {}

  start(): void {
    this.arrival = setTimeout(
      () => {
        this.arrive();
        this.start();
      },
      between(0, 2 * this.options.every),
    );
  }

  /** Who is there leaves, and nobody comes until the next start. Resolves when all their logs are complete. */
  async stop(): Promise<void> {
    clearTimeout(this.arrival);
    for (const [guest, departure] of this.present) {
      clearTimeout(departure);
      this.leave(guest);
    }
    await Promise.all(this.ended);
  }

  private arrive(): void {
    const { users, directory, tally, ...rest } = this.options;
    const device = `guest-${this.logs.length + 1}`;
    const log = new ClientLog(device, join(directory, `${device}.log`));
    const guest = new SoakClient({ ...rest, tally, user: pick(users), device, log });
    this.logs.push(log);
    tally('guests');
    guest.connect();
    const departure = setTimeout(() => this.leave(guest), between(5000, 40_000));
    this.present.set(guest, departure);
  }

  private leave(guest: SoakClient): void {
    guest.disconnect();
    this.present.delete(guest);
    this.ended.push(guest.log.end());
  }
}
