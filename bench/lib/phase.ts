import { setTimeout as delay } from 'node:timers/promises';
import { type Bench, type Target } from './bench.js';
import { type Child } from './child.js';
import { cpuTime } from './proc.js';
import { type Sample } from './table.js';

/** What a generator counts between `begin` and `end`. */
export interface Counted {
  operations: number;
  seconds: number;
  p50?: number;
  p99?: number;
  [other: string]: number | undefined;
}

/** Under a load that a generator keeps up by itself: warm-up, then the measured part. */
export async function measuredPhase(bench: Bench, target: Target, generator: Child): Promise<Sample> {
  const { warmUp, seconds } = bench.options;
  await delay(warmUp * 1000);
  return sampleOf(target, generator, () => delay(seconds * 1000));
}

/** Counts operations and CPU time while `work` runs. */
export async function sampleOf(
  target: Target,
  generator: Child,
  work: () => Promise<unknown>,
): Promise<Sample> {
  await generator.call('begin');
  const start = {
    server: cpuTime(target.pids),
    generator: cpuTime([generator.pid]),
    time: performance.now(),
  };
  await work();
  const counted = await generator.call<Counted>('end');
  const micros = (performance.now() - start.time) * 1000;
  const server = cpuTime(target.pids) - start.server;
  const { operations, seconds, ...others } = counted;
  return {
    ...(others as Sample),
    operations,
    rate: operations / seconds,
    cpu: server / operations,
    busy: (100 * server) / micros,
    generator: (100 * (cpuTime([generator.pid]) - start.generator)) / micros,
  };
}
