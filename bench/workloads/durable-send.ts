import { rookery, STORE_NAMES } from '../contenders/rookery.js';
import { yardstick } from '../contenders/yardstick.js';
import type { Bench, Contender, Target, Workload } from '../lib/bench.js';
import { cpuTime } from '../lib/proc.js';
import { type Counted, measuredPhase } from '../lib/phase.js';
import type { StoreKind } from '../lib/store.js';
import { LOAD_COLUMNS, type Sample, type Table } from '../lib/table.js';
import type { ChatWireName } from '../generators/chat-wire.js';
import { checkCounts } from './chat-counts.js';

const STORES: readonly StoreKind[] = ['sqlite', 'mariadb'];
const GROUP = 100;

interface ChatServer extends Contender {
  kind: 'server';
  wire: ChatWireName;
}

interface DatabaseLoop extends Contender {
  kind: 'loop';
}

const names = (store: StoreKind) => ({
  rookery: `Rookery, ${STORE_NAMES[store]}`,
  bare: `bare ws + group commit, ${STORE_NAMES[store]}`,
  ordered: `stock Nest + save, ordered, ${STORE_NAMES[store]}`,
  naive: `stock Nest + save, ${STORE_NAMES[store]}`,
  inTurn: `stock Nest + save in turn, ${STORE_NAMES[store]}`,
  loop: `no server, ${STORE_NAMES[store]}`,
});

/** The single save, but what it acknowledges is committed: TypeORM's one connection for SQLite needs help for that. */
const serialNest = (name: string): ChatServer => ({
  ...yardstick(name, 'nest-chat', 'sqlite', { SAVE_IN_TURN: 'true' }),
  kind: 'server',
  wire: 'nest',
});

const CONTENDERS = STORES.flatMap((store): (ChatServer | DatabaseLoop)[] => {
  const name = names(store);
  return [
    { ...yardstick(name.loop, 'bare-database', store), kind: 'loop' },
    { ...yardstick(name.bare, 'bare-chat', store), kind: 'server', wire: 'native' },
    { ...rookery(store), kind: 'server', wire: 'native' },
    { ...yardstick(name.ordered, 'nest-ordered/main', store), kind: 'server', wire: 'nest' },
    { ...yardstick(name.naive, 'nest-chat', store), kind: 'server', wire: 'nest' },
    ...(store === 'sqlite' ? [serialNest(name.inTurn)] : []),
  ];
});

interface Tables {
  lone: Table;
  one: Table;
  eight: Table;
  crowd: Table;
  rows: Table;
}

const DELIVERED = [
  { key: 'deliveredP50', title: 'delivered p50 ms' },
  { key: 'deliveredP99', title: 'delivered p99 ms' },
];

async function run(bench: Bench): Promise<void> {
  const pairs = bench.size(32, 4);
  const crowd = bench.size(500, 10);
  const columns = [...LOAD_COLUMNS, ...DELIVERED];
  const tables: Tables = {
    lone: bench.table(
      'One sender alone, one message outstanding',
      columns.map((column) => (column.key === 'p50' ? { ...column, compare: true } : column)),
    ),
    one: bench.table(`${2 * pairs} senders, 1 message outstanding each`, columns),
    eight: bench.table(`${2 * pairs} senders, 8 messages outstanding each`, columns),
    crowd: bench.table(`${2 * crowd} senders, 1 message outstanding each`, columns),
    rows: bench.table('The store alone, the same rows, no sockets', LOAD_COLUMNS),
  };
  await bench.rounds(CONTENDERS, async (target, contender, round) => {
    if (contender.kind === 'loop') return measureLoop(bench, tables, target, contender.name, round);
    const phase = (table: Table, load: Load): Promise<void> =>
      measureChat(bench, target, contender, load).then((sample) => table.add(contender.name, round, sample));
    if (!bench.options.smoke) await phase(tables.lone, { pairs: 1, senders: 1, outstanding: 1 });
    await phase(tables.eight, { pairs, outstanding: 8 });
    if (bench.options.smoke) return;
    await phase(tables.one, { pairs, outstanding: 1 });
    await phase(tables.crowd, { pairs: crowd, outstanding: 1 });
  });
  accept(bench, tables);
}

interface Load {
  pairs: number;
  senders?: number;
  outstanding: number;
}

async function measureChat(
  bench: Bench,
  target: Target,
  { wire, name }: ChatServer,
  load: Load,
): Promise<Sample> {
  return bench.withGenerator('chat', async (generator) => {
    await generator.call('connect', { port: target.port, wire, pairs: load.pairs });
    await generator.call('send', load);
    const sample = await measuredPhase(bench, target, generator);
    await checkCounts(bench, generator, name);
    return sample;
  });
}

async function measureLoop(
  bench: Bench,
  tables: Tables,
  target: Target,
  name: string,
  round: number,
): Promise<void> {
  const loop = async (rows: number): Promise<Sample> => {
    await target.child.call('loop', { rows, seconds: bench.options.warmUp });
    const start = cpuTime(target.pids);
    const {
      operations,
      seconds,
      p50 = NaN,
      p99 = NaN,
    } = await target.child.call<Counted>('loop', {
      rows,
      seconds: bench.options.seconds,
    });
    const cpu = cpuTime(target.pids) - start;
    bench.check(operations > 0, `${name}: nothing was stored`);
    return { rate: operations / seconds, cpu: cpu / operations, p50, p99, busy: cpu / seconds / 10_000 };
  };
  const single = await loop(1);
  tables.lone.add(name, round, single);
  tables.rows.add(`${name}, 1 row a transaction`, round, single);
  tables.rows.add(`${name}, ${GROUP} rows a transaction`, round, await loop(GROUP));
}

const BARE_SHARE = 0.6;
const NEST_FACTOR = 10;
const COMMIT_FACTOR = 1.5;
const COMMIT_ALLOWANCE = 1;

function accept(bench: Bench, tables: Tables): void {
  for (const store of STORES) {
    const { rookery: ours, bare, ordered, naive, inTurn, loop } = names(store);
    for (const [table, load] of [
      [tables.one, '1 outstanding'],
      [tables.eight, '8 outstanding'],
    ] as const) {
      const against = (yardstickName: string, atLeast: number): void =>
        bench.accept({
          claim: `${ours}, ${load}: messages per second against ${yardstickName}`,
          value: table.ratio('rate', ours, yardstickName),
          bound: { atLeast },
        });
      against(bare, BARE_SHARE);
      against(ordered, NEST_FACTOR);
      against(naive, NEST_FACTOR);
      if (store === 'sqlite') against(inTurn, NEST_FACTOR);
    }
    bench.accept({
      claim: `${ours}, alone: median ms to the ok, beyond ${COMMIT_FACTOR} × that of a bare commit`,
      value: tables.lone.compared('p50', ours, loop, (mine, commit) => mine - COMMIT_FACTOR * commit),
      bound: { atMost: COMMIT_ALLOWANCE },
    });
  }
}

export const durableSend: Workload = {
  name: 'durable-send',
  title: 'Durable send: sent, stored, acknowledged, delivered',
  about:
    'An operation is one message of 200 bytes in a direct chat: sent, committed and synced, acknowledged to the sender and written to the other side. Pairs write both ways. CPU is that of the server and of MariaDB. “Stock Nest + save, ordered” does the same job with Nest’s adapter, a guard, `ValidationPipe` and TypeORM: for each message a transaction that loads the conversation (on MariaDB under a write lock), saves its head one higher and saves the message with that number, both unique keys; a pool of 10 on MariaDB, one after another on SQLite, where TypeORM has one connection. “Stock Nest + save” is a single `save`: no number within the conversation, no guard, no validation; on SQLite it acknowledges before its commit, “in turn” after it.',
  smokeStores: STORES,
  run,
};
