import { rookery } from '../contenders/rookery.js';
import type { Bench, Workload } from '../lib/bench.js';
import { sampleOf } from '../lib/phase.js';
import { forgetPeak, residentMemory } from '../lib/proc.js';
import { type Column, LOAD_COLUMNS } from '../lib/table.js';

const CONTENDERS = [rookery('sqlite'), rookery('mariadb')];
const MIB = 1024 ** 2;

const COLUMNS: readonly Column[] = [
  ...LOAD_COLUMNS,
  { key: 'before', title: 'RSS MiB before', digits: 0 },
  { key: 'peak', title: 'peak RSS MiB', digits: 0 },
];

async function run(bench: Bench): Promise<void> {
  const users = bench.size(200, 10, 1000);
  const messages = bench.size(200, 10, 1000);
  const [who, what] = [users, messages].map((count) => count.toLocaleString('en'));
  const table = bench.table(`${who} users come at once, ${what} messages wait for each`, COLUMNS);
  await bench.rounds(CONTENDERS, (target, { name }, round) =>
    bench.withGenerator('catch-up', async (generator) => {
      const size = { port: target.port, users, messages };
      const [server = 0] = target.pids;
      const stored = await generator.call<number>('fill', size);
      const before = residentMemory(server).now / MIB;
      forgetPeak(server);
      const sample = await sampleOf(target, generator, () => generator.call('come', size));
      const peak = residentMemory(server).peak / MIB;
      table.add(name, round, { ...sample, before, peak });
      bench.check(stored === users * messages, `${name}: ${stored} messages were stored`);
      bench.check(sample.operations === stored, `${name}: ${sample.operations} of ${stored} messages came`);
    }),
  );
}

export const catchUp: Workload = {
  name: 'catch-up',
  title: 'Catching up',
  about:
    'An operation is one message of 200 bytes that a user missed, read from the journal and written to him when he connects; its latency is from the connect to `chat.synced`. The server has just stored them all. `--full` is 1,000 users with 1,000 messages each.',
  run,
};
