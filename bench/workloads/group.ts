import { rookery, STORE_NAMES } from '../contenders/rookery.js';
import type { Bench, Contender, Target, Workload } from '../lib/bench.js';
import type { Child } from '../lib/child.js';
import { measuredPhase } from '../lib/phase.js';
import type { StoreKind } from '../lib/store.js';
import { LOAD_COLUMNS, type Sample } from '../lib/table.js';

const ONLINE = 5000;
const MEMBERS = 100_000;
/** Deliveries on their way: 100 messages. */
const OUTSTANDING = 100;
const MEBIBYTE = 1024 ** 2;
/** What the absent may add to the cost of a delivery, and to the heap. */
const GROWTH = 1.1;

type Sized = Contender & { store: StoreKind; absent: boolean };

const nameOf = (store: StoreKind, absent: boolean): string =>
  `Rookery, ${STORE_NAMES[store]}, ${absent ? 'most are absent' : 'all are there'}`;
const STORES: readonly StoreKind[] = ['sqlite', 'mariadb'];
const CONTENDERS: readonly Sized[] = STORES.flatMap((store) =>
  [false, true].map((absent) => ({ ...rookery(store, nameOf(store, absent)), store, absent })),
);

const COLUMNS = [
  ...LOAD_COLUMNS,
  { key: 'sends', title: 'messages per second', digits: 0 },
  { key: 'heap', title: 'heap MiB', digits: 1 },
  { key: 'resident', title: 'RSS MiB', digits: 0 },
];

async function run(bench: Bench): Promise<void> {
  const online = bench.size(ONLINE, 20);
  const members = bench.size(MEMBERS, 2000);
  // The owner, who writes, is one of them.
  const absent = members - online - 1;
  const table = bench.table(
    `${online} of ${members.toLocaleString('en')} members online, or ${online} in all`,
    COLUMNS,
  );
  await bench.rounds(CONTENDERS, (target, contender, round) =>
    bench.withGenerator('fan-out', async (generator) => {
      const { port } = target;
      await generator.call('connect', {
        port,
        wire: 'group',
        count: online,
        absent: contender.absent ? absent : 0,
      });
      await generator.call('saturate', { outstanding: OUTSTANDING * online });
      table.add(contender.name, round, await phase(bench, target, generator, contender.name));
    }),
  );
  for (const store of STORES) {
    const [all, most] = [nameOf(store, false), nameOf(store, true)];
    if (!bench.isWanted(most)) continue;
    for (const [key, what] of [
      ['cpu', 'CPU per delivery'],
      ['heap', 'heap'],
    ] as const)
      bench.accept({
        claim: `${STORE_NAMES[store]}, ${members.toLocaleString('en')} members, ${online} online: ${what} against a group of ${online}`,
        value: table.ratio(key, most, all),
        bound: { atMost: GROWTH },
      });
  }
}

async function phase(bench: Bench, target: Target, generator: Child, name: string): Promise<Sample> {
  const sample = await measuredPhase(bench, target, generator);
  const { expected, delivered } = await generator.call<{ expected: number; delivered: number }>('stop');
  bench.check(delivered > 0, `${name}: nothing was delivered`);
  bench.check(delivered === expected, `${name}: ${delivered} deliveries of ${expected}`);
  const { heapUsed, external, rss } = await target.child.call<NodeJS.MemoryUsage>('memory');
  const { rate = NaN, operations = NaN, published = NaN } = sample;
  return {
    ...sample,
    sends: (rate * published) / operations,
    heap: (heapUsed + external) / MEBIBYTE,
    resident: rss / MEBIBYTE,
  };
}

export const group: Workload = {
  name: 'group',
  title: 'A large group of which few are there',
  about:
    'An operation is one delivery to one member who is connected. A member writes over four sockets in turn, as fast as it goes with 100 messages on their way. The same connections are all of the group, or a small part of it: what a message costs must not tell which. Memory is that of the server after a full collection, with the connections.',
  smokeStores: ['sqlite', 'mariadb'],
  run,
};
