import { Latencies } from '../lib/latencies.js';
import { ready, serve } from '../lib/rpc.js';
import { begins, CHAT_WIRES } from './chat-wire.js';
import { ClientSocket } from './client-socket.js';
import { inBatches } from './in-batches.js';
import { localAddress } from './local-addresses.js';
import { tokenFor } from './token.js';
import { until } from './until.js';

/** Connections that come and stay, or come and go. */
const CONNECTING_AT_ONCE = 50;
const FIRST_TIME_TIMEOUT = 60_000;
const RUN = Date.now().toString(36);

const latencies = new Latencies();
const staying: ClientSocket[] = [];
let cycling = false;
let running = 0;
let opened = 0;
let failed = 0;
let start = { opened: 0, time: 0 };
let tokens: string[] = [];

/** Resolves when the server has said that the connection is live. */
async function open(port: number, user: string, token?: string): Promise<ClientSocket> {
  const { ready: expected, path } = CHAT_WIRES.native;
  let live: () => void;
  const isLive = new Promise<void>((resolve) => (live = resolve));
  const socket = await ClientSocket.open({
    port,
    path,
    user,
    token,
    localAddress: localAddress(),
    onFrame: (_, data, from, end) => begins(data, from, end, expected) && live(),
  });
  await isLive;
  return socket;
}

async function comeAndGo(port: number): Promise<void> {
  const number = opened++ % tokens.length;
  const since = performance.now();
  try {
    (await open(port, `${RUN}-${number}`, tokens[number])).destroy();
    latencies.add(performance.now() - since);
  } catch (error) {
    if (failed++ < 3) process.stderr.write(`${String(error)}\n`);
  }
  if (cycling) return comeAndGo(port);
  running--;
}

serve({
  /** So many more that stay, each of a user of its own. */
  stay: async ({ port, count }: { port: number; count: number }) => {
    const users = Array.from({ length: count }, (_, number) => `${RUN}-${staying.length + number}`);
    staying.push(...(await inBatches(users, CONNECTING_AT_ONCE, (user) => open(port, user))));
    return staying.length;
  },
  leave: () => {
    for (const socket of staying.splice(0)) socket.destroy();
  },
  /** How many of those who stay are still connected. */
  connected: () => staying.filter(({ closed }) => !closed).length,
  /** So many at once connect, wait for the hello and go; resolves when each user has been there once. */
  cycle: async ({ port, users, atOnce }: { port: number; users: number; atOnce: number }) => {
    tokens = Array.from({ length: users }, (_, number) => tokenFor(`${RUN}-${number}`));
    cycling = true;
    running = atOnce;
    for (let i = 0; i < atOnce; i++) void comeAndGo(port);
    await until(() => opened >= users + atOnce, FIRST_TIME_TIMEOUT);
  },
  begin: () => {
    latencies.clear();
    start = { opened, time: performance.now() };
  },
  end: () => {
    const { p50, p99 } = latencies.summary();
    return { operations: opened - start.opened, seconds: (performance.now() - start.time) / 1000, p50, p99 };
  },
  stop: async () => {
    cycling = false;
    await until(() => running === 0);
    return { opened, failed };
  },
});
ready();
