import { Latencies } from '../lib/latencies.js';
import { ready, serve } from '../lib/rpc.js';
import { begins } from './chat-wire.js';
import { ClientSocket } from './client-socket.js';
import { FAN_OUT_WIRES, type FanOutWire, type FanOutWireName } from './fan-out-wire.js';
import { headLength } from './frames.js';
import { inBatches } from './in-batches.js';
import { ageOf, markedContent } from './marked-content.js';
import { Pacer } from './pacer.js';
import type { Publisher } from './publishers.js';
import { until } from './until.js';

/** Some who publish and many who listen. */
const CONTENT_LENGTH = 128;
const CONNECTING_AT_ONCE = 50;
/** So many of the subscribers look into what they get for its age. */
const SAMPLING_SUBSCRIBERS = 20;
/** The fullest window takes its time to get empty. */
const DRAIN_TIMEOUT = 30_000;
const RUN = Date.now().toString(36);

const latencies = new Latencies();
const pacer = new Pacer(publish);
let publisher: Publisher;
let subscribers = 0;
/** Deliveries that may be outstanding while publishing as fast as it goes; 0: it does not. */
let window = 0;
let published = 0;
let delivered = 0;
/** Bytes of a delivery on the wire. */
let frame = NaN;
let start = { published: 0, delivered: 0, time: 0 };

function publish(): void {
  published++;
  publisher.publish(markedContent(CONTENT_LENGTH));
}

/** As many as the window allows. */
function fill(): void {
  if (window === 0) return;
  while (publisher.isReady && published * subscribers - delivered < window) publish();
}

function look(data: Buffer, from: number, end: number): void {
  latencies.add(ageOf(data, from));
  frame = headLength(end - from) + end - from;
}

const userOf = (number: number): string => `${RUN}-${number}`;

async function subscribe(port: number, wire: FanOutWire, number: number): Promise<void> {
  const every = Math.max(1, Math.floor(subscribers / SAMPLING_SUBSCRIBERS));
  const sampling = number % every === 0;
  const { at, byte } = wire.delivery;
  let live: () => void;
  const isLive = new Promise<void>((resolve) => (live = resolve));
  const socket = await ClientSocket.open({
    port,
    path: wire.path,
    user: userOf(number),
    onFrame: (_, data, from, end) => {
      if (data[from + at] === byte) {
        delivered++;
        if (sampling) look(data, from, end);
      } else if (begins(data, from, end, wire.ready)) live();
      else if (wire.ping && data.compare(wire.ping.frame, 0, undefined, from, end) === 0)
        socket.send(wire.ping.pong);
    },
    onRead: fill,
  });
  if (wire.opening !== undefined) socket.send(wire.opening);
  await isLive;
}

interface Connect {
  port: number;
  wire: FanOutWireName;
  count: number;
  /** Who belongs to the audience and is not there; default 0. */
  absent?: number;
}

async function connect({ port, wire: name, count, absent = 0 }: Connect): Promise<void> {
  const wire = FAN_OUT_WIRES[name];
  subscribers = count;
  const numbers = Array.from({ length: count }, (_, number) => number);
  await wire.prepare?.(port, numbers.map(userOf), absent);
  await inBatches(numbers, CONNECTING_AT_ONCE, (number) => subscribe(port, wire, number));
  publisher = await wire.publisher(port, fill);
}

/** Publishes nothing new, and waits for what is on its way. */
async function stop(): Promise<{ expected: number; delivered: number }> {
  window = 0;
  pacer.stop();
  const expected = (): number => (published - publisher.refused) * subscribers;
  await until(() => delivered >= expected(), DRAIN_TIMEOUT);
  return { expected: expected(), delivered };
}

serve({
  connect,
  /** As fast as it goes, with at most so many deliveries on their way. */
  saturate: ({ outstanding }: { outstanding: number }) => {
    window = outstanding;
    fill();
  },
  /** So many messages a second. */
  pace: ({ rate }: { rate: number }) => pacer.start(rate),
  begin: () => {
    latencies.clear();
    start = { published, delivered, time: performance.now() };
  },
  end: () => {
    const { p50, p99 } = latencies.summary();
    return {
      operations: delivered - start.delivered,
      seconds: (performance.now() - start.time) / 1000,
      published: published - start.published,
      frame,
      p50,
      p99,
    };
  },
  stop,
});
ready();
