import { extendedRookery, rookery } from '../contenders/rookery.js';
import { yardstick } from '../contenders/yardstick.js';
import type { ChatTotals } from '../generators/chat-client.js';
import type { ChatWireName } from '../generators/chat-wire.js';
import type { Bench, Contender, Workload } from '../lib/bench.js';
import { measuredPhase } from '../lib/phase.js';
import { LOAD_COLUMNS } from '../lib/table.js';

const BARE = 'bare ws, JSON';
const DOCUMENTED = 'stock Nest, guard + ValidationPipe';
const STANDARD_SCHEMA = 'stock Nest, guard + StandardSchemaValidationPipe';
const OWN_PIPE = 'stock Nest, guard + own zod pipe';
const OURS = 'Rookery, gateway of an extension';
const REAL = 'Rookery, chat.typing';

const CONTENDERS: readonly (Contender & { wire: ChatWireName })[] = [
  { ...yardstick(BARE, 'ws-reply'), wire: 'typing' },
  { ...extendedRookery('sqlite', OURS), wire: 'extensionTyping' },
  { ...rookery('sqlite', REAL), wire: 'typing' },
  { ...yardstick(DOCUMENTED, 'nest-reply/validation-pipe'), wire: 'nestTyping' },
  { ...yardstick(STANDARD_SCHEMA, 'nest-reply/standard-schema-pipe'), wire: 'nestTyping' },
  { ...yardstick(OWN_PIPE, 'nest-reply/own-pipe'), wire: 'nestTyping' },
];

const BARE_LIMIT = 1.5;
const NEST_LIMIT = 0.6;

async function run(bench: Bench): Promise<void> {
  const pairs = bench.size(32, 2);
  const table = bench.table(`${2 * pairs} connections, 1 request outstanding each`, LOAD_COLUMNS);
  await bench.rounds(CONTENDERS, (target, { name, wire }, round) =>
    bench.withGenerator('chat', async (generator) => {
      await generator.call('connect', { port: target.port, wire, pairs });
      await generator.call('send', { outstanding: 1 });
      table.add(name, round, await measuredPhase(bench, target, generator));
      const { sent, acknowledged } = await generator.call<ChatTotals>('stop');
      bench.check(sent > 0 && acknowledged === sent, `${name}: ${acknowledged} answers to ${sent} requests`);
    }),
  );
  const limit = (yardstickName: string, atMost: number): void =>
    bench.accept({
      claim: `${OURS}: CPU per message against ${yardstickName}`,
      value: table.ratio('cpu', OURS, yardstickName),
      bound: { atMost },
    });
  limit(BARE, BARE_LIMIT);
  for (const stock of [DOCUMENTED, STANDARD_SCHEMA, OWN_PIPE]) limit(stock, NEST_LIMIT);
}

export const requestReply: Workload = {
  name: 'request-reply',
  title: 'Request and reply: through a handler and back, nothing stored',
  about:
    'An operation is one command and its answer. The gateway of an extension does what those of the yardsticks do: it has a schema, and answers. Around it is everything that Rookery does for a command: decoded, admitted by both limiters, validated, in order, answered with `ok`; the caller was authenticated at the upgrade. `chat.typing`, about a user who is not connected, is a command of our own with work to do. Bare ws parses and stringifies JSON. Stock Nest has its own adapter, a guard that looks for the user, and a check of the same fields: Nest’s `ValidationPipe` as its documentation has it (class-validator, a global pipe without options, which lets unknown fields through), or Nest’s `StandardSchemaValidationPipe` (a global pipe, a zod schema at the parameter), both with an exception filter at the gateway; or a pipe of ten lines around `safeParse`. No stock Nest limits anything.',
  run,
};
