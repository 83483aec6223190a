import { rookery } from '../contenders/rookery.js';
import { yardstick } from '../contenders/yardstick.js';
import type { FanOutWireName } from '../generators/fan-out-wire.js';
import type { Bench, Contender, Target, Workload } from '../lib/bench.js';
import type { Child } from '../lib/child.js';
import { measuredPhase } from '../lib/phase.js';
import { LOAD_COLUMNS, type Sample, type Table } from '../lib/table.js';

/** Deliveries on their way under saturation, for every contender: 100 messages, and more where the sockets are few. */
const outstandingFor = (sockets: number): number => Math.max(20_000, 100 * sockets);
/** What can be made out of thin traffic: messages a second. */
const THIN_RATE = 40;
const THIN_SUBSCRIBERS = 1000;

type Publishing = Contender & { wire: FanOutWireName };

const PLAIN = 'ws loop';
const SOCKET_IO = 'Socket.IO';
const DURABLE = 'Rookery, stored';
const OVER_REST = 'Rookery, stored, by REST';
const EPHEMERAL = 'Rookery, ephemeral, by REST';

/** The plain loop first: its rate is what the others' half load is taken from. */
const CONTENDERS: readonly Publishing[] = [
  { ...yardstick(PLAIN, 'ws-fan-out'), wire: 'plain' },
  { ...yardstick(SOCKET_IO, 'socket-io-fan-out'), wire: 'socketIo' },
  { ...rookery('sqlite', DURABLE), wire: 'overSocket' },
  { ...rookery('sqlite', OVER_REST), wire: 'overRest' },
  { ...rookery('sqlite', EPHEMERAL), wire: 'ephemeral' },
];

const SATURATED_COLUMNS = [...LOAD_COLUMNS, { key: 'frame', title: 'frame bytes', digits: 0 }];
const COLUMNS = SATURATED_COLUMNS.map((column) =>
  column.key === 'p99' ? { ...column, compare: true } : column,
);

async function run(bench: Bench): Promise<void> {
  const sizes = bench.options.smoke ? [20] : [100, THIN_SUBSCRIBERS, 5000];
  for (const size of sizes) await runSize(bench, size);
}

async function runSize(bench: Bench, size: number): Promise<void> {
  const isThin = size === THIN_SUBSCRIBERS;
  const outstanding = outstandingFor(size);
  const window = `${outstanding.toLocaleString('en')} deliveries on their way`;
  const saturated = bench.table(`${size} sockets, as fast as it goes, ${window}`, SATURATED_COLUMNS);
  const half = bench.table(`${size} sockets, half of what the ws loop sustains`, COLUMNS);
  const thin = bench.table(`${size} sockets, ${THIN_RATE} messages a second`, COLUMNS);
  let halfRate = 0;
  await bench.rounds(CONTENDERS, (target, { name, wire }, round) =>
    bench.withGenerator('fan-out', async (generator) => {
      await generator.call('connect', { port: target.port, wire, count: size });
      await generator.call('saturate', { outstanding });
      const most = await phase(bench, target, generator, name);
      saturated.add(name, round, most);
      if (name === PLAIN) halfRate = bench.size((most.rate ?? 0) / size / 2, THIN_RATE);
      if (halfRate > 0) {
        await generator.call('pace', { rate: halfRate });
        half.add(name, round, await phase(bench, target, generator, name));
      }
      if (!isThin) return;
      await generator.call('pace', { rate: THIN_RATE });
      thin.add(name, round, await phase(bench, target, generator, name));
    }),
  );
  if (isThin) accept(bench, saturated, half, thin);
}

async function phase(bench: Bench, target: Target, generator: Child, name: string): Promise<Sample> {
  const sample = await measuredPhase(bench, target, generator);
  const { expected, delivered } = await generator.call<{ expected: number; delivered: number }>('stop');
  bench.check(delivered > 0, `${name}: nothing was delivered`);
  bench.check(delivered === expected, `${name}: ${delivered} deliveries of ${expected}`);
  return sample;
}

const SATURATED_FACTOR = 10;

function accept(bench: Bench, saturated: Table, half: Table, thin: Table): void {
  const where = `${THIN_SUBSCRIBERS} sockets`;
  for (const ours of [DURABLE, EPHEMERAL]) {
    for (const yardstickName of [PLAIN, SOCKET_IO])
      bench.accept({
        claim: `${ours}, ${where} saturated: deliveries per CPU second against ${yardstickName}`,
        value: saturated.ratio('cpu', yardstickName, ours),
        bound: { atLeast: SATURATED_FACTOR },
      });
    bench.accept({
      claim: `${ours}, ${where} at ${THIN_RATE} messages a second: CPU per delivery against ${PLAIN}`,
      value: thin.ratio('cpu', ours, PLAIN),
      bound: { atMost: 1 },
    });
    bench.accept({
      claim: `${ours}, ${where} at half load: p99 against ${PLAIN}`,
      value: half.ratio('p99', ours, PLAIN),
      bound: { atMost: 1 },
    });
  }
}

export const fanOut: Workload = {
  name: 'fan-out',
  title: 'Fan-out: one message to everybody',
  about:
    'An operation is one delivery to one socket; a message is the same 128 bytes for all, and “frame bytes” is what a delivery of it takes on the wire. Messages come in over four more sockets in turn, into Rookery as `notification.broadcast`, which stores them (SQLite) before they are delivered, also to these four, which is not counted; the yardsticks store nothing. By REST it is `POST /api/ws/broadcast` on up to 256 connections, stored or ephemeral. As fast as it goes means that so many deliveries are on their way at all times: 100 for each socket, at least 20,000, the same for all.',
  run,
};
