import { join } from 'node:path';
import { ClientLog } from './client-log.js';
import type { Owed } from './log-checker.js';
import { between } from './random.js';
import { SoakClient, type SoakClientOptions } from './soak-client.js';
import type { Member } from './truth.js';

/** Users on each side of one, on a ring, to whom he writes. */
const NEIGHBOURS = 3;
/** Every so many users there is one with a second device. */
const SECOND_DEVICE_EVERY = 6;

/** Tokens live for so many seconds: some end while they are used, and are renewed on the open connection. */
export const tokenLife = (): number => Math.ceil(between(40, 240));

export interface PopulationOptions extends Pick<SoakClientOptions, 'url' | 'tally'> {
  users: number;
  directory: string;
}

/** The devices that stay for the whole run. */
export class Population {
  readonly users: readonly string[];
  readonly clients: readonly SoakClient[];
  /** User → whom he writes to. */
  readonly peers: ReadonlyMap<string, readonly string[]>;
  /** They may begin in the middle of a conversation: the first device of their user has read what was before. */
  private readonly seconds = new Set<SoakClient>();

  constructor({ users, directory, ...options }: PopulationOptions) {
    this.users = Array.from({ length: users }, (_, index) => `user${index}`);
    this.peers = new Map(this.users.map((user, index) => [user, this.neighboursOf(index)]));
    const make = (user: string, device: string): SoakClient =>
      new SoakClient({
        ...options,
        user,
        device,
        tokenLife,
        log: new ClientLog(`${user}/${device}`, join(directory, `${user}-${device}.log`)),
      });
    const firsts = this.users.map((user) => make(user, 'phone'));
    const seconds = this.users
      .filter((_, index) => index % SECOND_DEVICE_EVERY === 0)
      .map((user) => make(user, 'tablet'));
    for (const client of seconds) this.seconds.add(client);
    this.clients = [...firsts, ...seconds];
  }

  /** Those that read and write; a second device only listens. */
  get active(): SoakClient[] {
    return this.clients.filter((client) => !this.seconds.has(client));
  }

  /** What the log of a client must have at its end. */
  owedTo(client: SoakClient, members: readonly Member[]): Owed {
    const owed = members
      .filter(({ user }) => user === client.user)
      .map(({ conversation, joined, head }) => {
        const first = this.seconds.has(client) ? 0 : joined + 1;
        return [conversation, { first, last: head }] as const;
      });
    return new Map(owed);
  }

  private neighboursOf(index: number): string[] {
    const { users } = this;
    const at = (offset: number): string => users[(index + offset + users.length) % users.length] as string;
    const offsets = Array.from({ length: NEIGHBOURS }, (_, distance) => distance + 1);
    return offsets.flatMap((offset) => [at(offset), at(-offset)]);
  }
}
