import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { CommandError } from './raw-client.js';
import type { SentMessage } from './checker.js';
import { Milestones } from './milestones.js';
import { Disconnected, Wire } from './wire.js';

/** Milliseconds: the back-off of a client that is eager, but not mad. */
const BACK_OFF = 25;

export interface LoadOptions {
  /** Sender → the users it writes to, in turn. */
  senders: Readonly<Record<string, readonly string[]>>;
  /** Commands of one sender whose answers may be outstanding. */
  pipeline?: number;
  /** Senders that never repeat what they do not know the outcome of. */
  forgetful?: readonly string[];
}

export const conversationOf = (a: string, b: string): string => `dm:${[a, b].sort().join(':')}`;

/** Senders with logs of their own. They reconnect by themselves and repeat with the same client id. */
export class Load {
  readonly run = randomUUID().slice(0, 8);
  readonly acknowledged = new Milestones();
  readonly refused = new Milestones();
  /** Close codes that the senders saw. */
  readonly closes: number[] = [];
  private readonly senders: Sender[];
  private readonly running: Promise<void>[];
  private ticks = 0;

  constructor(
    readonly server: { port: number },
    options: LoadOptions,
  ) {
    const { senders, pipeline = 4, forgetful = [] } = options;
    this.senders = Object.entries(senders).map(
      ([name, peers]) => new Sender(this, name, peers, pipeline, forgetful.includes(name)),
    );
    this.running = this.senders.map((sender) => sender.run());
  }

  /** Counts; the same for all logs of the run. */
  tick(): number {
    return ++this.ticks;
  }

  get sent(): SentMessage[] {
    return this.senders.flatMap(({ messages }) => messages);
  }

  /** No new messages; resolves when everything that was sent is answered or given up. */
  async stop(): Promise<void> {
    for (const sender of this.senders) sender.stop();
    await Promise.all(this.running);
  }

  /** For the end of a test that failed: nothing more is sent, whatever is unanswered. */
  async abandon(): Promise<void> {
    for (const sender of this.senders) sender.abandon();
    await Promise.all(this.running);
  }
}

type Numbered = SentMessage & { counter: number };

class Sender {
  readonly messages: Numbered[] = [];
  /** To be sent again, the oldest first. */
  private readonly again: Numbered[] = [];
  private stopping = false;
  private abandoned = false;
  private wire?: Wire;

  constructor(
    private readonly load: Load,
    private readonly name: string,
    private readonly peers: readonly string[],
    private readonly pipeline: number,
    private readonly forgetful: boolean,
  ) {}

  stop(): void {
    this.stopping = true;
  }

  abandon(): void {
    this.stopping = this.abandoned = true;
    this.wire?.socket.terminate();
  }

  async run(): Promise<void> {
    while (!this.abandoned && (!this.stopping || this.again.length > 0)) {
      const query = { sync: 'self' };
      const wire = await Wire.connect(this.load.server, this.name, { query }).catch(() => delay(BACK_OFF));
      if (!wire) continue;
      this.wire = wire;
      const connection = `${this.name}/${this.load.tick()}`;
      await Promise.all(Array.from({ length: this.pipeline }, () => this.send(wire, connection)));
      this.again.sort((a, b) => a.counter - b.counter);
      await wire.close();
      this.load.closes.push(wire.closeCode ?? 0);
    }
  }

  private async send(wire: Wire, connection: string): Promise<void> {
    while (wire.isOpen) {
      const message = this.again.shift() ?? (this.stopping ? undefined : this.write());
      if (!message) return;
      await this.attempt(wire, connection, message);
    }
  }

  private write(): Numbered {
    const counter = this.messages.length + 1;
    const peer = this.peers[counter % this.peers.length] ?? this.name;
    const message: Numbered = {
      counter,
      sender: this.name,
      conversation: conversationOf(this.name, peer),
      clientId: `${this.load.run}.${this.name}.${counter}`,
      content: `(${this.load.run}, ${this.name}, ${counter})`,
      acknowledgements: [],
      refusals: [],
    };
    this.messages.push(message);
    return message;
  }

  private async attempt(wire: Wire, connection: string, message: Numbered): Promise<void> {
    const { conversation, clientId, content } = message;
    const attempt = this.load.tick();
    try {
      const stored = await wire.call('chat.send', { conversation, kind: 'text', content, clientId });
      message.acknowledgements.push({ ...stored, connection, attempt, arrival: this.load.tick() });
      this.load.acknowledged.add();
    } catch (error) {
      await this.failed(message, error);
    }
  }

  private async failed(message: Numbered, error: unknown): Promise<void> {
    if (error instanceof CommandError) {
      message.refusals.push(error.data);
      this.load.refused.add();
      if (!error.data.retryable) return;
      await delay(BACK_OFF);
    } else if (!(error instanceof Disconnected)) throw error;
    else if (this.forgetful) return;
    this.again.push(message);
  }
}
