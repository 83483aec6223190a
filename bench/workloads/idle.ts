import { setTimeout as delay } from 'node:timers/promises';
import { rookery } from '../contenders/rookery.js';
import { yardstick } from '../contenders/yardstick.js';
import type { Bench, Target, Workload } from '../lib/bench.js';
import type { Child } from '../lib/child.js';
import { cpuTime } from '../lib/proc.js';
import type { Column, Table } from '../lib/table.js';

const BARE = 'bare ws + token + ping';
const OURS = 'Rookery';
const CONTENDERS = [yardstick(BARE, 'ws-jwt'), rookery('sqlite', OURS)];

/** Longer than the interval of the pings. */
const IDLE_SECONDS = 35;
/** Connections that come and go before anything is measured, so that the code is loaded and compiled. */
const WARM_UP = 500;
const KIB = 1024;
const LIMIT = 1.5;

const COLUMNS: readonly Column[] = [
  { key: 'heap', title: 'heap KiB/connection', compare: true },
  { key: 'resident', title: 'RSS KiB/connection', compare: true },
  { key: 'base', title: 'RSS MiB before', digits: 0 },
  { key: 'heartbeat', title: 'CPU µs/connection and minute', digits: 0, compare: true },
];

/** Bytes; the heap with what lies outside of it. */
interface Memory {
  heap: number;
  resident: number;
}

async function memoryOf({ child }: Target): Promise<Memory> {
  const { heapUsed, external, rss } = await child.call<NodeJS.MemoryUsage>('memory');
  return { heap: heapUsed + external, resident: rss };
}

async function run(bench: Bench): Promise<void> {
  for (const count of bench.options.smoke ? [50] : [1000, 10_000]) await runCount(bench, count);
}

async function runCount(bench: Bench, count: number): Promise<void> {
  const table = bench.table(`${count.toLocaleString('en')} connections`, COLUMNS);
  await bench.rounds(CONTENDERS, (target, { name }, round) =>
    bench.withGenerator('connections', async (generator) => {
      await warmUp(bench, target, generator);
      const before = await memoryOf(target);
      await generator.call('stay', { port: target.port, count });
      const after = await memoryOf(target);
      const seconds = bench.size(IDLE_SECONDS, bench.options.seconds);
      const used = await idleCpu(target, seconds);
      const connected = await generator.call<number>('connected');
      bench.check(connected === count, `${name}: ${connected} of ${count} are still connected`);
      table.add(name, round, {
        heap: (after.heap - before.heap) / count / KIB,
        resident: (after.resident - before.resident) / count / KIB,
        base: before.resident / KIB / KIB,
        heartbeat: (used / count / seconds) * 60,
      });
    }),
  );
  accept(bench, table, count);
}

async function warmUp(bench: Bench, { port }: Target, generator: Child): Promise<void> {
  await generator.call('stay', { port, count: bench.size(WARM_UP, 5) });
  await generator.call('leave');
  await delay(bench.options.warmUp * 1000);
}

async function idleCpu({ pids }: Target, seconds: number): Promise<number> {
  const start = cpuTime(pids);
  await delay(seconds * 1000);
  return cpuTime(pids) - start;
}

function accept(bench: Bench, table: Table, count: number): void {
  for (const [key, what] of [
    ['heap', 'live heap'],
    ['resident', 'RSS'],
  ] as const)
    bench.accept({
      claim: `${OURS}, ${count.toLocaleString('en')} connections: ${what} per connection against ${BARE}`,
      value: table.ratio(key, OURS, BARE),
      bound: { atMost: LIMIT },
    });
}

export const idle: Workload = {
  name: 'idle',
  title: 'Idle connections',
  about:
    'Authenticated connections of as many users that do nothing but answer pings (every 30 s). Memory is what a connection adds, each time after a full collection: the live heap with its external part, and RSS. The kernel’s part of a socket is in neither.',
  run,
};
