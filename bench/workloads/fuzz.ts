import { fuzzDecoder } from '../fuzz/decoder-fuzz.js';
import { FrameFuzz } from '../fuzz/frame-fuzz.js';
import type { Bench, Workload } from '../lib/bench.js';

const LANES = 24;
const SHOWN = 5;

async function run(bench: Bench): Promise<void> {
  const { frames, decodes, data } = bench.options;
  const { log } = bench;
  const seed = Date.now() % 2 ** 31;
  const faults: string[] = [];
  if (bench.isWanted('decoder')) {
    const count = decodes ?? bench.size(1_000_000, 20_000, 10_000_000);
    faults.push(...(await fuzzDecoder({ count, seed, log })));
  }
  if (bench.isWanted('sockets')) {
    const count = frames ?? bench.size(100_000, 3000, 1_000_000);
    faults.push(...(await FrameFuzz.run({ frames: count, lanes: LANES, seed, data, log })));
  }
  for (const fault of faults.slice(0, SHOWN)) bench.check(false, fault);
}

export const fuzz: Workload = {
  name: 'fuzz',
  title: 'Fuzzed frames and fuzzed inputs to the decoder',
  about:
    'Mutated commands, bytes and fragments over two dozen connections at a time, while two good clients are served; and mutated inputs to the decoder alone. Nothing may crash, be logged as an error, or stay in memory.',
  endurance: true,
  run,
};
