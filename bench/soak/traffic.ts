import { MessageKind, type MessageDraft } from '@rookery/client';
import { below, pick, pickWeighted } from './random.js';
import type { RestCaller } from './rest.js';
import type { SoakClient } from './soak-client.js';

/** Milliseconds between two rounds of a steady load. */
const TICK = 50;

const WEIGHTS = {
  chat: 50,
  restChat: 6,
  notify: 8,
  typing: 10,
  read: 18,
  history: 4,
  sync: 1,
  broadcast: 1,
} as const;

const ALPHABET = 'the quick brown fox jumps over the lazy dog – Grüße, 鴉の巣 🪹 \\ "quoted" \u0007';

export interface TrafficOptions {
  clients: readonly SoakClient[];
  /** User → whom he writes to. */
  peers: ReadonlyMap<string, readonly string[]>;
  rest: RestCaller;
  /** Operations a second, of all clients together. */
  rate: number;
  tally: (what: string) => void;
}

/** A mixed load at a steady rate, whoever is connected: what cannot be sent waits in an outbox. */
export class Traffic {
  private readonly calls = new Set<Promise<unknown>>();
  private timer?: NodeJS.Timeout;
  private started = 0;
  private done = 0;

  constructor(private readonly options: TrafficOptions) {}

  start(): void {
    this.started = Date.now();
    this.done = 0;
    this.timer = setInterval(() => this.tick(), TICK);
  }

  /** Resolves when every call over REST is answered. What the clients have not sent yet stays in their outboxes. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    await Promise.allSettled(this.calls);
  }

  private tick(): void {
    const due = Math.floor(((Date.now() - this.started) / 1000) * this.options.rate);
    for (; this.done < due; this.done++) this.step(pickWeighted(WEIGHTS));
  }

  private step(what: keyof typeof WEIGHTS): void {
    const { clients, peers, rest, tally } = this.options;
    const client = pick(clients);
    const peer = pick(peers.get(client.user) ?? []);
    tally(what);
    if (what === 'chat') void client.send(peer, someDraft());
    else if (what === 'restChat') this.track(rest.message(client.user, peer, someDraft()));
    else if (what === 'notify')
      this.track(rest.notify(client.user, { order: below(1e6), text: someText(60) }));
    else if (what === 'broadcast') this.track(rest.broadcast(someText(120)));
    else if (what === 'typing') client.sdk.typing({ to: peer });
    else if (what === 'read') this.read(client);
    else if (what === 'history') client.sdk.history({ to: peer }, { limit: 20 }).catch(() => undefined);
    else client.catchUp().catch(() => undefined);
  }

  private read(client: SoakClient): void {
    if (client.have.size === 0) return;
    const [conversation, seq] = pick([...client.have]);
    client.sdk.markRead(conversation, seq);
  }

  private track(call: Promise<unknown>): void {
    this.calls.add(call);
    void call.finally(() => this.calls.delete(call));
  }
}

function someDraft(): MessageDraft {
  if (below(10) === 0)
    return { kind: MessageKind.Custom, content: { a: below(1000), b: [someText(30), null, true] } };
  return { kind: MessageKind.Text, content: someText(below(50) === 0 ? 8000 : 200) };
}

/** Not a letter less than one, for there are no empty texts. */
function someText(longest: number): string {
  const start = below(20);
  const letters = [...ALPHABET.repeat(Math.ceil(longest / 40))];
  return `${below(1e9)} ${letters.slice(start, start + below(longest)).join('')}`;
}
