import type { Latencies } from '../lib/latencies.js';
import { begins, type ChatWire } from './chat-wire.js';
import { ClientSocket } from './client-socket.js';
import { ageOf, markedContent } from './marked-content.js';
import { numberAt } from './number-at.js';

export interface ChatTotals {
  sent: number;
  acknowledged: number;
  delivered: number;
  errors: number;
}

export interface ChatGauges {
  totals: ChatTotals;
  acknowledged: Latencies;
  delivered: Latencies;
}

interface ChatClientOptions {
  port: number;
  wire: ChatWire;
  user: string;
  peer: string;
  gauges: ChatGauges;
}

/** Bytes of a message. */
const CONTENT_LENGTH = 200;
/** Of so many deliveries one is looked into for its latency. */
const SAMPLED = 16;
/** More than anybody keeps outstanding. */
const RING = 1024;

/** One user who writes to one other. */
export class ChatClient {
  private readonly sentAt = new Float64Array(RING);
  private socket?: ClientSocket;
  private outstanding = 0;
  private wanted = 0;
  private atMost = Infinity;
  private nextId = 1;
  private seen = 0;
  private live?: () => void;

  private constructor(private readonly options: ChatClientOptions) {}

  /** Resolves when it is live. */
  static async open(options: ChatClientOptions): Promise<ChatClient> {
    const client = new ChatClient(options);
    const live = new Promise<void>((resolve) => (client.live = resolve));
    const { port, user, wire } = options;
    client.socket = await ClientSocket.open({
      port,
      user,
      path: wire.path,
      onFrame: (_, data, start, end) => client.take(data, start, end),
    });
    await live;
    return client;
  }

  /** Keeps so many outstanding, until it has sent so many in all. */
  send(outstanding: number, atMost = Infinity): void {
    this.wanted = outstanding;
    this.atMost = atMost;
    this.fill();
  }

  /** Messages that are acknowledged or refused. */
  get answered(): number {
    return this.nextId - 1 - this.outstanding;
  }

  close(): void {
    this.socket?.destroy();
  }

  private fill(): void {
    while (this.outstanding < this.wanted && this.nextId <= this.atMost) this.sendOne();
  }

  private sendOne(): void {
    const { wire, user, peer, gauges } = this.options;
    const id = this.nextId++;
    const now = performance.now();
    this.sentAt[id % RING] = now;
    this.outstanding++;
    gauges.totals.sent++;
    this.socket?.send(wire.send(id, peer, markedContent(CONTENT_LENGTH, now), `${user}-${id}`));
  }

  private take(data: Buffer, start: number, end: number): void {
    const { wire } = this.options;
    if (begins(data, start, end, wire.ack)) this.acknowledge(numberAt(data, start + wire.ack.length));
    else if (wire.delivery && begins(data, start, end, wire.delivery)) this.deliver(data, start);
    else if (begins(data, start, end, wire.ready)) this.live?.();
    else if (data.subarray(start, end).includes('"error"')) this.fail(data.toString('utf8', start, end));
  }

  private acknowledge(id: number): void {
    const { gauges, wire } = this.options;
    const { totals, acknowledged } = gauges;
    totals.acknowledged++;
    if (!wire.delivery) totals.delivered++;
    acknowledged.add(performance.now() - (this.sentAt[id % RING] ?? 0));
    this.outstanding--;
    this.fill();
  }

  private deliver(data: Buffer, start: number): void {
    const { totals, delivered } = this.options.gauges;
    totals.delivered++;
    if (++this.seen % SAMPLED === 0) delivered.add(ageOf(data, start));
  }

  /** Told once in a while, and not tried again at once: an error must not become a storm. */
  private fail(text: string): void {
    const { totals } = this.options.gauges;
    if (totals.errors++ < 3) process.stderr.write(`${text}\n`);
    this.outstanding--;
    setTimeout(() => this.fill(), 50);
  }
}
