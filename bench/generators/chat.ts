import { Latencies } from '../lib/latencies.js';
import { ready, serve } from '../lib/rpc.js';
import { ChatClient, type ChatTotals } from './chat-client.js';
import { chatWire, type ChatWireName } from './chat-wire.js';
import { makeGroup } from './group.js';
import { inBatches } from './in-batches.js';
import { until } from './until.js';

/** Users who write to each other, in pairs. A sender keeps a number of messages outstanding. */
const CONNECTING_AT_ONCE = 50;
/** Each generator has users of its own: nobody finds what another one left. */
const RUN = Date.now().toString(36);

const acknowledged = new Latencies();
const delivered = new Latencies();
const totals: ChatTotals = { sent: 0, acknowledged: 0, delivered: 0, errors: 0 };
let clients: ChatClient[] = [];
let start = { ...totals, time: 0 };

interface Connect {
  port: number;
  wire: ChatWireName;
  pairs: number;
}

async function connect({ port, wire, pairs }: Connect): Promise<void> {
  const users = Array.from({ length: pairs }, (_, pair) => [`${RUN}-a${pair}`, `${RUN}-b${pair}`] as const);
  const each = users.flatMap(([a, b]) => [
    { user: a, peer: b },
    { user: b, peer: a },
  ]);
  await inBatches(users, CONNECTING_AT_ONCE, async ([a, b]) => {
    const { group: id } = chatWire(wire, a, b);
    if (id !== undefined) await makeGroup(port, { id, owner: a, users: [b], absent: 0 });
  });
  const gauges = { totals, acknowledged, delivered };
  clients = await inBatches(each, CONNECTING_AT_ONCE, ({ user, peer }) =>
    ChatClient.open({ port, wire: chatWire(wire, user, peer), user, peer, gauges }),
  );
  // Each pair lies side by side.
  for (const [index, client] of clients.entries()) client.peer = clients[index ^ 1];
  await begin();
}

/** One message from one of each pair: every conversation is there before anything is measured. */
async function begin(): Promise<void> {
  const first = clients.filter((_, index) => index % 2 === 0);
  for (const client of first) client.send(1, 1);
  await until(() => first.every(({ answered }) => answered > 0));
}

serve({
  connect,
  /** From now on the first `senders` of them, by default all, keep so many outstanding. */
  send: ({ outstanding, senders = clients.length }: { outstanding: number; senders?: number }) => {
    for (const client of clients.slice(0, senders)) client.send(outstanding);
  },
  begin: () => {
    acknowledged.clear();
    delivered.clear();
    start = { ...totals, time: performance.now() };
  },
  end: () => {
    const seconds = (performance.now() - start.time) / 1000;
    const { p50, p99 } = acknowledged.summary();
    const there = delivered.summary();
    return {
      operations: totals.acknowledged - start.acknowledged,
      seconds,
      p50,
      p99,
      deliveredP50: there.p50,
      deliveredP99: there.p99,
      errors: totals.errors - start.errors,
    };
  },
  /** Sends nothing new, waits for what is outstanding and tells the counts since the connect. */
  stop: async (): Promise<ChatTotals> => {
    for (const client of clients) client.send(0);
    const settled = (): boolean =>
      totals.acknowledged + totals.errors >= totals.sent && totals.delivered >= totals.acknowledged;
    await until(settled);
    return totals;
  },
  disconnect: () => {
    for (const client of clients) client.close();
    clients = [];
  },
});
ready();
