import type { Bench, Workload } from '../lib/bench.js';
import { StoppedReaders, type StoppedResult } from '../stopped/stopped-readers.js';

const MEBIBYTE = 1024 ** 2;
/** `WS_SEND_BUFFER`: what may wait in the server for each that does not read. */
const BUDGET = 1 * MEBIBYTE;
/** For the healthy, the journal and the collector. */
const ALLOWANCE = 100 * MEBIBYTE;
const P99_FACTOR = 2;

const COLUMNS = [
  { key: 'alone', title: 'p99 ms alone' },
  { key: 'before', title: 'p99 ms all read' },
  { key: 'during', title: 'p99 ms stopped' },
  { key: 'after', title: 'p99 ms catching up' },
  { key: 'rssBefore', title: 'MiB all read', digits: 0 },
  { key: 'rssDuring', title: 'MiB stopped', digits: 0 },
  { key: 'rssAfter', title: 'MiB catching up', digits: 0 },
  { key: 'missed', title: 'missed', digits: 0 },
  { key: 'recovery', title: 'caught up s', digits: 1 },
];

const CASES = [
  { name: 'Rookery, they read again', cut: false },
  { name: 'Rookery, cut by the heartbeat', cut: true },
];

interface Case {
  name: string;
  cut: boolean;
  root?: string;
}

function casesOf(bench: Bench): Case[] {
  const { baseline } = bench.options;
  const wanted = CASES.filter(({ name }) => bench.isWanted(name));
  if (baseline === undefined) return wanted;
  return wanted.flatMap((each) => [{ ...each, name: `baseline of ${each.name}`, root: baseline }, each]);
}

async function run(bench: Bench): Promise<void> {
  const sockets = bench.size(500, 20);
  const table = bench.table(`${sockets} of ${2 * sockets} stop reading`, COLUMNS);
  for (const { name, cut, root } of casesOf(bench)) {
    bench.log(`stopped-readers: ${name}`);
    const result = await StoppedReaders.run(() => bench.generator('channel-readers'), {
      sockets,
      bytes: 4096,
      rate: 30,
      calm: bench.size(10, 1),
      stopped: bench.size(45, cut ? 16 : 3),
      fills: !bench.options.smoke,
      cut,
      data: bench.options.data,
      root,
      log: bench.log,
    });
    const { faults, ...figures } = result;
    table.add(name, 1, inMebibytes(figures));
    for (const fault of faults.slice(0, 5)) bench.check(false, `${name}: ${fault}`);
    judge(bench, name, sockets, result);
  }
}

function inMebibytes(figures: Omit<StoppedResult, 'faults'>): Record<string, number> {
  const { rssBefore, rssDuring, rssAfter, ...others } = figures;
  return {
    ...others,
    rssBefore: rssBefore / MEBIBYTE,
    rssDuring: rssDuring / MEBIBYTE,
    rssAfter: rssAfter / MEBIBYTE,
  };
}

function judge(bench: Bench, name: string, sockets: number, result: StoppedResult): void {
  const { before, during, after, rssBefore, rssDuring, rssAfter } = result;
  const bound = sockets * BUDGET + ALLOWANCE;
  const grown = Math.max(rssDuring, rssAfter) - rssBefore;
  bench.check(grown <= bound, `${name}: the server grew by ${grown} bytes, and may by ${bound}`);
  for (const [when, p99] of [
    ['go on reading', during],
    ['read while the others catch up', after],
  ] as const) {
    const factor = p99 / before;
    bench.accept({
      claim: `${name}: p99 of those who ${when}, over what it was before`,
      value: { median: factor, min: factor, max: factor },
      bound: { atMost: P99_FACTOR },
    });
  }
}

export const stoppedReaders: Workload = {
  name: 'stopped-readers',
  title: 'Half of the sockets stop reading while their conversation is hot',
  about:
    'Messages of 4 KiB on the broadcast channel, 30 a second, to 1,000 sockets, of which 500 stop reading at the level of TCP for 45 s. Latencies are those of the other 500. When they read again, or come again after the heartbeat has cut them, each must get everything, once and in order.',
  endurance: true,
  run,
};
