import { rookery, STORE_NAMES } from '../contenders/rookery.js';
import { yardstick } from '../contenders/yardstick.js';
import type { Bench, Workload } from '../lib/bench.js';
import { measuredPhase } from '../lib/phase.js';
import type { StoreKind } from '../lib/store.js';
import { LOAD_COLUMNS } from '../lib/table.js';

const STORES: readonly StoreKind[] = ['sqlite', 'mariadb'];

const CONTENDERS = STORES.flatMap((store) => [
  yardstick(`stock Nest + save, ${STORE_NAMES[store]}`, 'nest-rest', store),
  rookery(store),
]);

async function run(bench: Bench): Promise<void> {
  const connections = bench.size(32, 4);
  const table = bench.table(`${connections} connections, 1 request outstanding each`, LOAD_COLUMNS);
  await bench.rounds(CONTENDERS, (target, { name }, round) =>
    bench.withGenerator('rest', async (generator) => {
      await generator.call('connect', { port: target.port, path: '/api/ws/send', connections });
      table.add(name, round, await measuredPhase(bench, target, generator));
      const { sent, created } = await generator.call<{ sent: number; created: number }>('stop');
      bench.check(created > 0 && created === sent, `${name}: ${created} of ${sent} were created`);
    }),
  );
}

export const restSend: Workload = {
  name: 'rest-send',
  title: 'Sending over REST',
  about:
    'An operation is one `POST /api/ws/send` of 200 bytes to one of 1,000 users who are away, answered after it was stored. Rookery verifies the token, the role and the body; stock Nest takes the body as it is, and stores it with `repository.save`.',
  run,
};
