import type { ChatMessage } from '@rookery/protocol';
import type { ClientOptions } from '../client-options.js';
import { RookeryClient } from '../rookery-client.js';
import type { RookeryError } from '../rookery-error.js';
import type { StateChange } from '../state.js';
import { FakeServer } from './fake-server.js';
import { ManualClock } from './manual-clock.js';

/** A client of Amy's on a fake server, and all that it said. */
export class Harness {
  readonly messages: ChatMessage[] = [];
  readonly states: StateChange[] = [];
  readonly errors: RookeryError[] = [];
  readonly client: RookeryClient;

  constructor(
    options: Partial<ClientOptions> = {},
    readonly server = new FakeServer(),
    readonly clock = new ManualClock(),
  ) {
    const { webSocket } = server;
    const defaults = { token: 'amy', device: 'laptop', webSocket, clock };
    this.client = new RookeryClient('ws://fake.test/ws', { ...defaults, ...options });
    this.client.on('message', (message) => this.messages.push(message));
    this.client.on('stateChange', (change) => this.states.push(change));
    this.client.on('error', (error) => this.errors.push(error));
  }

  static async connected(options?: Partial<ClientOptions>, server?: FakeServer): Promise<Harness> {
    const harness = new Harness(options, server);
    await harness.connect();
    return harness;
  }

  async connect(): Promise<void> {
    this.client.connect();
    await this.clock.advance(0);
  }

  /** Loses the connection in the way the code says, and lets the back-off pass. */
  async reconnect(code = 1006): Promise<void> {
    this.server.dropAll(code);
    await this.clock.advance(0);
    await this.clock.advance(60_000);
  }

  /** Numbers of what was emitted of one conversation. */
  seqs(conversation: string): number[] {
    return this.messages.filter((each) => each.conversation === conversation).map(({ seq }) => seq);
  }
}
