import { setMaxListeners } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { between, pick, pickWeighted } from './random.js';
import type { RestCaller } from './rest.js';
import type { SoakClient } from './soak-client.js';

const WEIGHTS = { cut: 30, leave: 15, freeze: 20, restart: 15, crash: 12, admin: 5, logout: 3 } as const;

export interface ChaosOptions {
  clients: readonly SoakClient[];
  rest: RestCaller;
  /** Mean milliseconds between two disturbances. */
  every: number;
  tally: (what: string) => void;
}

/** Disturbs connections by chance, one kind or another. */
export class Chaos {
  private stopping = new AbortController();
  private running: Promise<void> = Promise.resolve();
  private readonly thaws = new Set<() => void>();

  constructor(private readonly options: ChaosOptions) {}

  start(): void {
    this.stopping = new AbortController();
    // One for every connection that is disturbed at the moment.
    setMaxListeners(0, this.stopping.signal);
    this.running = this.run(this.stopping.signal);
  }

  /** Nothing more is disturbed, and what is frozen thaws. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.running;
    for (const thaw of this.thaws) thaw();
    this.thaws.clear();
  }

  private async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await pause(between(0, 2 * this.options.every), signal);
      if (!signal.aborted) this.disturb(pick(this.options.clients), signal);
    }
  }

  private disturb(client: SoakClient, signal: AbortSignal): void {
    const kind = pickWeighted(WEIGHTS);
    this.options.tally(`chaos ${kind}`);
    if (kind === 'cut') client.cut();
    else if (kind === 'leave') void this.leave(client, signal);
    else if (kind === 'freeze') void this.freeze(client, signal);
    else if (kind === 'restart') client.restart();
    else if (kind === 'crash') client.crash();
    else if (kind === 'admin') void this.options.rest.disconnect(client.user);
    else void this.options.rest.logout(client.user);
  }

  private async leave(client: SoakClient, signal: AbortSignal): Promise<void> {
    client.disconnect();
    await pause(between(0, 15_000), signal);
    client.connect();
  }

  /** Long enough, now and then, for the heartbeat of both sides to notice. */
  private async freeze(client: SoakClient, signal: AbortSignal): Promise<void> {
    const thaw = client.freeze();
    this.thaws.add(thaw);
    await pause(between(500, 45_000), signal);
    if (this.thaws.delete(thaw)) thaw();
  }
}

const pause = (milliseconds: number, signal: AbortSignal): Promise<void> =>
  delay(milliseconds, undefined, { signal }).catch(() => undefined);
