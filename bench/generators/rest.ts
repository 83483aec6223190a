import { Latencies } from '../lib/latencies.js';
import { ready, serve } from '../lib/rpc.js';
import { HttpConnection } from './http-connection.js';
import { markedContent } from './marked-content.js';
import { tokenFor } from './token.js';
import { until } from './until.js';

/** A back-end service that writes to its users, over so many kept-alive connections, one request outstanding on each. */
const CONTENT_LENGTH = 200;
const RECEIVERS = 1000;
const RUN = Date.now().toString(36);

const latencies = new Latencies();
let running = false;
let outstanding = 0;
let sent = 0;
let created = 0;
let start = { created: 0, time: 0 };

function send(connection: HttpConnection): void {
  if (!running) return;
  const to = `${RUN}-${sent++ % RECEIVERS}`;
  const since = performance.now();
  outstanding++;
  connection.post(
    `{"type":"bench","to":"${to}","content":"${markedContent(CONTENT_LENGTH, since)}"}`,
    (isCreated) => {
      outstanding--;
      if (isCreated) created++;
      latencies.add(performance.now() - since);
      send(connection);
    },
  );
}

serve({
  connect: ({ port, path, connections }: { port: number; path: string; connections: number }) => {
    const token = tokenFor('back-end', { role: 'admin' });
    running = true;
    for (let i = 0; i < connections; i++) send(new HttpConnection(port, path, token));
  },
  begin: () => {
    latencies.clear();
    start = { created, time: performance.now() };
  },
  end: () => {
    const { p50, p99 } = latencies.summary();
    return {
      operations: created - start.created,
      seconds: (performance.now() - start.time) / 1000,
      p50,
      p99,
    };
  },
  stop: async () => {
    running = false;
    await until(() => outstanding === 0);
    return { sent, created };
  },
});
ready();
