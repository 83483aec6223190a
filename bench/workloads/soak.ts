import type { Bench, Workload } from '../lib/bench.js';
import { Soak } from '../soak/soak.js';

const SHOWN = 5;

async function run(bench: Bench): Promise<void> {
  const { minutes = bench.size(5, 0.2), data } = bench.options;
  const failures = await Soak.run({
    minutes,
    users: bench.size(60, 12),
    rate: bench.size(110, 60),
    chaosEvery: bench.size(700, 400),
    data,
    print: bench.log,
  });
  for (const failure of failures.slice(0, SHOWN)) bench.check(false, failure);
}

export const soak: Workload = {
  name: 'soak',
  title: 'A mixed load with random disconnects',
  about:
    'Devices with the SDK write, read, come and go, and are disturbed. What each was given and told must be in the database, message by message, and when all have left the server must hold what it held before.',
  endurance: true,
  run,
};
