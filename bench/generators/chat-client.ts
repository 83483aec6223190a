import type { Latencies } from '../lib/latencies.js';
import { begins, type ChatWire } from './chat-wire.js';
import { ClientSocket } from './client-socket.js';
import { DeliveryMarks } from './delivery-marks.js';
import { ageOf, markedContent } from './marked-content.js';
import { digitsAt, numberAt } from './number-at.js';

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
  private readonly marks?: DeliveryMarks;
  private socket?: ClientSocket;
  private outstanding = 0;
  private wanted = 0;
  private atMost = Infinity;
  private nextId = 1;
  private seen = 0;
  private lastEcho = 0;
  /** The other one, where no acknowledgement says that a message of his has come. */
  peer?: ChatClient;
  private live?: () => void;

  private constructor(private readonly options: ChatClientOptions) {
    const { mark } = options.wire;
    if (mark) this.marks = new DeliveryMarks((seq) => this.socket?.send(mark(seq)));
  }

  /** Resolves when it is live. */
  static async open(options: ChatClientOptions): Promise<ChatClient> {
    const client = new ChatClient(options);
    const { port, user, wire } = options;
    const live = wire.ready && new Promise<void>((resolve) => (client.live = resolve));
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
    this.marks?.stop();
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
    const { ack, delivery, ready, refusal } = this.options.wire;
    if (ack && begins(data, start, end, ack)) this.takeAck(data, start + ack.length, end);
    else if (delivery && begins(data, start, end, delivery)) this.deliver(data, start);
    else if (ready && begins(data, start, end, ready)) this.live?.();
    else if (refusal ? begins(data, start, end, refusal) : data.subarray(start, end).includes('"error"'))
      this.fail(data.toString('utf8', start, end));
  }

  private takeAck(data: Buffer, at: number, end: number): void {
    const { ackTail, isEcho } = this.options.wire;
    const id = numberAt(data, at);
    // Of a mark.
    if (id === 0) return;
    if (ackTail && !begins(data, at + digitsAt(data, at), end, ackTail)) return;
    if (isEcho) {
      if (id <= this.lastEcho) return;
      this.lastEcho = id;
    }
    this.acknowledge(id);
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
    const { gauges, wire } = this.options;
    const { totals, delivered } = gauges;
    totals.delivered++;
    this.marks?.saw(data, start);
    if (++this.seen % SAMPLED === 0) delivered.add(ageOf(data, start));
    if (!wire.ack) this.peer?.acknowledgeOldest();
  }

  private acknowledgeOldest(): void {
    this.acknowledge(this.nextId - this.outstanding);
  }

  /** Told once in a while, and not tried again at once: an error must not become a storm. */
  private fail(text: string): void {
    const { totals } = this.options.gauges;
    if (totals.errors++ < 3) process.stderr.write(`${text}\n`);
    this.outstanding--;
    setTimeout(() => this.fill(), 50);
  }
}
