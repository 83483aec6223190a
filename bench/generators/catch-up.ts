import { Latencies } from '../lib/latencies.js';
import { ready, serve } from '../lib/rpc.js';
import { ChatClient, type ChatTotals } from './chat-client.js';
import { begins, CHAT_WIRES } from './chat-wire.js';
import { ClientSocket } from './client-socket.js';
import { inBatches } from './in-batches.js';
import { until } from './until.js';

/** Users who were away: first others write to them, then they come, all at once. */
const OUTSTANDING = 8;
const SENDERS_AT_ONCE = 200;
const FILL_TIMEOUT = 300_000;
const wire = CHAT_WIRES.native;
const RUN = Date.now().toString(36);

const totals: ChatTotals = { sent: 0, acknowledged: 0, delivered: 0, errors: 0 };
const latencies = new Latencies();
let received = 0;
let start = { received: 0, time: 0 };
let clients: ClientSocket[] = [];

/** Writes so many messages to one user and goes. */
async function writeTo(port: number, number: number, messages: number): Promise<void> {
  const gauges = { totals, acknowledged: new Latencies(), delivered: new Latencies() };
  const client = await ChatClient.open({
    port,
    wire,
    user: `${RUN}-from-${number}`,
    peer: `${RUN}-to-${number}`,
    gauges,
  });
  client.send(OUTSTANDING, messages);
  await until(() => client.answered >= messages, FILL_TIMEOUT);
  client.close();
}

/** Resolves when everything that was missed is there. */
async function come(port: number, number: number): Promise<ClientSocket> {
  const since = performance.now();
  let live: () => void;
  const isLive = new Promise<void>((resolve) => (live = resolve));
  const socket = await ClientSocket.open({
    port,
    path: wire.path,
    user: `${RUN}-to-${number}`,
    onFrame: (_, data, from, end) => {
      if (wire.delivery && begins(data, from, end, wire.delivery)) received++;
      else if (begins(data, from, end, wire.ready)) live();
    },
  });
  await isLive;
  latencies.add(performance.now() - since);
  return socket;
}

interface Size {
  port: number;
  users: number;
  messages: number;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

serve({
  fill: async ({ port, users, messages }: Size) => {
    await inBatches(numbers(users), SENDERS_AT_ONCE, (number) => writeTo(port, number, messages));
    return totals.acknowledged;
  },
  come: async ({ port, users }: Size) => {
    clients = await Promise.all(numbers(users).map((number) => come(port, number)));
    return received;
  },
  leave: () => {
    for (const client of clients) client.destroy();
  },
  begin: () => {
    latencies.clear();
    start = { received, time: performance.now() };
  },
  end: () => {
    const { p50, p99 } = latencies.summary();
    return {
      operations: received - start.received,
      seconds: (performance.now() - start.time) / 1000,
      p50,
      p99,
    };
  },
});
ready();
