import { Latencies } from '../lib/latencies.js';
import { ready, serve } from '../lib/rpc.js';
import { ChannelReader } from '../stopped/channel-reader.js';
import { Publisher } from '../stopped/publisher.js';

/** Devices on the broadcast channel, and, if it is asked to, the one who writes there. */
const CONNECTING_AT_ONCE = 25;
const MARK = '@@';

const latencies = new Latencies();
let readers: ChannelReader[] = [];
let publisher: Publisher | undefined;
let isPublisher = false;

function look(data: Buffer, start: number): void {
  if (!isPublisher) return;
  const at = data.indexOf(MARK, start, 'latin1') + MARK.length;
  latencies.add(performance.now() - Number.parseInt(data.toString('latin1', at, at + 16), 10) / 1000);
}

async function each(work: (reader: ChannelReader) => Promise<void>): Promise<void> {
  for (let first = 0; first < readers.length; first += CONNECTING_AT_ONCE)
    await Promise.all(readers.slice(first, first + CONNECTING_AT_ONCE).map(work));
}

export interface ReadersState {
  /** The furthest and the last of the readers. */
  most: number;
  least: number;
  connected: number;
  repeated: number;
  faults: string[];
}

function state(): ReadersState {
  const positions = readers.map(({ have }) => have);
  const faults = readers.flatMap((reader) => reader.faults);
  return {
    most: Math.max(...positions),
    least: Math.min(...positions),
    connected: readers.filter(({ isConnected }) => isConnected).length,
    repeated: readers.reduce((sum, { repeated }) => sum + repeated, 0),
    faults: faults.slice(0, 20),
  };
}

serve({
  connect: async ({ port, prefix, count }: { port: number; prefix: string; count: number }) => {
    readers = Array.from(
      { length: count },
      (_, index) => new ChannelReader({ port, user: `${prefix}${index}`, onEntry: look }),
    );
    await each((reader) => reader.connect());
  },
  publish: ({ port, rate, bytes }: { port: number; rate: number; bytes: number }) => {
    isPublisher = true;
    publisher ??= new Publisher(port, () =>
      `${MARK}${Math.round(performance.now() * 1000)} `.padEnd(bytes, 'x'),
    );
    publisher.start(rate);
  },
  silence: () => publisher?.stop(),
  published: () => ({
    head: publisher?.head ?? 0,
    refused: publisher?.refused ?? 0,
    idle: publisher?.isIdle ?? true,
  }),
  begin: () => latencies.clear(),
  end: () => latencies.summary(),
  stop: () => {
    for (const reader of readers) reader.stop();
  },
  resume: () => {
    for (const reader of readers) reader.resume();
  },
  reconnect: () => each((reader) => reader.reconnect()),
  mark: () => {
    for (const reader of readers) reader.mark();
  },
  state,
});
ready();
