import { writeFile } from 'node:fs/promises';
import { Bench, type Workload } from './lib/bench.js';
import { describeEnvironment, environmentText } from './lib/environment.js';
import { type Options, parseOptions, USAGE } from './lib/options.js';
import { smokeText, type WorkloadReport, workloadText } from './lib/report.js';
import { Stores } from './lib/store.js';
import { WORKLOADS } from './workloads/index.js';

const progress = (text: string): void => void process.stderr.write(`${text}\n`);

function chosen({ workloads, smoke }: Options): Workload[] {
  const unknown = workloads.find((name) => !WORKLOADS.some((workload) => workload.name === name));
  if (unknown !== undefined) throw new Error(`No workload ${unknown}\n\n${USAGE}`);
  if (workloads.length === 0) return WORKLOADS.filter(({ endurance }) => smoke || !endurance);
  return WORKLOADS.filter(({ name }) => workloads.includes(name));
}

async function run(workload: Workload, options: Options, stores: Stores): Promise<WorkloadReport> {
  const bench = new Bench(options, stores, workload, progress);
  const start = performance.now();
  await workload.run(bench);
  progress(`${workload.name}: took ${((performance.now() - start) / 1000).toFixed(1)} s`);
  console.log(options.smoke ? smokeText(bench.report) : `${workloadText(bench.report)}\n`);
  return bench.report;
}

async function inTurn(workloads: readonly Workload[], options: Options, stores: Stores) {
  const reports: WorkloadReport[] = [];
  for (const workload of workloads) reports.push(await run(workload, options, stores));
  return reports;
}

/** The figures of a smoke mean nothing, so whatever ends with a verdict runs beside them. */
async function atOnce(workloads: readonly Workload[], options: Options, stores: Stores) {
  const measured = workloads.filter(({ endurance }) => !endurance);
  const judged = workloads.filter(({ endurance }) => endurance);
  const lanes = [measured, ...judged.map((workload) => [workload])];
  const settled = await Promise.allSettled(lanes.map((lane) => inTurn(lane, options, stores)));
  return settled.flatMap((lane) => {
    if (lane.status === 'rejected') throw lane.reason;
    return lane.value;
  });
}

async function main(options: Options): Promise<boolean> {
  const environment = describeEnvironment();
  const stores = new Stores(options.data);
  let reports: WorkloadReport[];
  console.log(`${environmentText(environment)}\n`);
  try {
    reports = await (options.smoke ? atOnce : inTurn)(chosen(options), options, stores);
  } finally {
    await stores.dispose();
  }
  const text = [environmentText(environment), ...reports.map(workloadText)].join('\n\n');
  if (options.out) await writeFile(options.out, `${text}\n`);
  if (options.json) await writeFile(options.json, JSON.stringify({ environment, options, reports }, null, 2));
  return reports.every(({ failures }) => failures.length === 0);
}

// The children go with the channel to us; what is left to do is done at the exit.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

try {
  const options = parseOptions(process.argv.slice(2));
  if (options.list) for (const { name, title } of WORKLOADS) console.log(`${name.padEnd(16)} ${title}`);
  else process.exitCode = (await main(options)) ? 0 : 1;
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
