import { rookery } from '../contenders/rookery.js';
import type { ChatWireName } from '../generators/chat-wire.js';
import type { Bench, Contender, Workload } from '../lib/bench.js';
import { measuredPhase } from '../lib/phase.js';
import { LOAD_COLUMNS } from '../lib/table.js';
import { checkCounts } from './chat-counts.js';

const SILENT = 'native protocol, direct, without marks';
const DIRECT = 'native protocol, direct';
const META = 'native protocol, direct, the fields of kama as meta';
const GROUP = 'native protocol, groups of two';
const nameOf = (dialect: string): string => `Rookery, ${dialect}`;

/** Dialect → the native protocol doing the same. */
const AGAINST = {
  melody: [DIRECT, SILENT],
  skyeim: [DIRECT, SILENT],
  kama: [DIRECT, SILENT],
  gozero: [GROUP],
} as const;

const CONTENDERS: readonly (Contender & { wire: ChatWireName })[] = [
  { ...rookery('sqlite', SILENT), wire: 'native' },
  { ...rookery('sqlite', DIRECT), wire: 'nativeMarking' },
  { ...rookery('sqlite', nameOf('melody')), wire: 'melody' },
  { ...rookery('sqlite', nameOf('skyeim')), wire: 'skyeim' },
  { ...rookery('sqlite', META), wire: 'nativeMeta' },
  { ...rookery('sqlite', nameOf('kama')), wire: 'kama' },
  { ...rookery('sqlite', GROUP), wire: 'nativeGroupMarking' },
  { ...rookery('sqlite', nameOf('gozero')), wire: 'gozero' },
];

const OUTSTANDING = 8;
const LIMIT = 1.3;

async function run(bench: Bench): Promise<void> {
  const pairs = bench.size(32, 4);
  const table = bench.table(`${2 * pairs} senders, ${OUTSTANDING} messages outstanding each`, LOAD_COLUMNS);
  await bench.rounds(CONTENDERS, (target, { name, wire }, round) =>
    bench.withGenerator('chat', async (generator) => {
      await generator.call('connect', { port: target.port, wire, pairs });
      await generator.call('send', { outstanding: OUTSTANDING });
      table.add(name, round, await measuredPhase(bench, target, generator));
      await checkCounts(bench, generator, name);
    }),
  );
  for (const [dialect, natives] of Object.entries(AGAINST))
    for (const native of natives)
      bench.accept({
        claim: `${dialect}: CPU per message against the ${native}`,
        value: table.ratio('cpu', nameOf(dialect), native),
        bound: { atMost: LIMIT },
      });
}

export const dialects: Workload = {
  name: 'dialects',
  title: 'Dialects: the same messages from clients of older protocols',
  about:
    'An operation is one message of 200 bytes, stored on SQLite, from a client of a dialect to another of the same dialect, both ways: sent, committed, acknowledged and delivered. For gozero, which has no direct messages, each pair is a group; so it is set against the native protocol in such groups. melody acknowledges nothing: there a message is done when the other one has it. kama’s acknowledgement is the message itself, and its frames have twelve fields, nine of which the native protocol keeps in `meta`: what those alone cost is shown, too. The native clients are on a named device and mark what was delivered, as those of the SDK do, every 100 ms; for clients of dialects the server does it. What those cost that never mark anything is shown, too. skyeim tells the sender of each message that was delivered.',
  run,
};
