import { rookery } from '../contenders/rookery.js';
import { yardstick } from '../contenders/yardstick.js';
import type { Bench, Workload } from '../lib/bench.js';
import { measuredPhase } from '../lib/phase.js';
import { LOAD_COLUMNS } from '../lib/table.js';

const CONTENDERS = [yardstick('bare ws + token', 'ws-jwt'), rookery('sqlite'), rookery('mariadb')];

async function run(bench: Bench): Promise<void> {
  const atOnce = bench.size(64, 4);
  const users = bench.size(1000, 50);
  const table = bench.table(`${atOnce} clients connect, wait until they are live, and go`, LOAD_COLUMNS);
  await bench.rounds(CONTENDERS, (target, { name }, round) =>
    bench.withGenerator('connections', async (generator) => {
      await generator.call('cycle', { port: target.port, users, atOnce });
      table.add(name, round, await measuredPhase(bench, target, generator));
      const { opened, failed } = await generator.call<{ opened: number; failed: number }>('stop');
      bench.check(opened > 0 && failed === 0, `${name}: ${failed} of ${opened} handshakes failed`);
    }),
  );
}

export const connect: Workload = {
  name: 'connect',
  title: 'Connecting',
  about:
    'An operation is one TCP connection with a handshake that brings a token (HS256), until the connection is live, and its end. Live is after `chat.synced` for Rookery, which by then has read what the user missed; and after a first frame for bare ws, which verifies the token with jose and reads nothing. 1,000 users come again and again; their first time, which makes rows for them, is not counted.',
  run,
};
