import { STORE_NAMES } from '../contenders/rookery.js';
import type { Bench, Workload } from '../lib/bench.js';
import type { StoreKind } from '../lib/store.js';
import { Soak } from '../soak/soak.js';

const SHOWN = 5;
const STORES: readonly StoreKind[] = ['sqlite', 'mariadb'];

async function run(bench: Bench): Promise<void> {
  for (const store of STORES) if (bench.takes({ name: STORE_NAMES[store], store })) await runOn(bench, store);
}

async function runOn(bench: Bench, kind: StoreKind): Promise<void> {
  const { minutes = bench.size(5, 0.2), data } = bench.options;
  const name = STORE_NAMES[kind];
  bench.log(`soak on ${name}`);
  const server = kind === 'sqlite' ? undefined : await bench.makeStore(kind);
  const failures = await Soak.run({
    minutes,
    users: bench.size(60, 12),
    rate: bench.size(110, 60),
    chaosEvery: bench.size(700, 400),
    databaseUrl: server?.url,
    data,
    print: bench.log,
  });
  await server?.drop();
  for (const failure of failures.slice(0, SHOWN)) bench.check(false, `${name}: ${failure}`);
}

export const soak: Workload = {
  name: 'soak',
  title: 'A mixed load with random disconnects',
  about:
    'Devices with the SDK write, read, come and go, and are disturbed. What each was given and told must be in the database, message by message, and when all have left the server must hold what it held before. Once on each store.',
  endurance: true,
  smokeStores: STORES,
  run,
};
