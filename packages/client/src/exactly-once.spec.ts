import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SendReceipt } from './outbox-item.js';
import { Harness } from './testing/harness.js';
import type { FakeServer } from './testing/fake-server.js';

const PEERS = ['ben', 'zoe'];

/** One thing that happens. */
type Step =
  | { do: 'send'; peer: string; count: number }
  | { do: 'say'; peer: string; count: number }
  | { do: 'drop'; code: number }
  | { do: 'down'; for: number }
  | { do: 'fail'; command: string; times: number }
  | { do: 'pass'; ms: number };

const peer = fc.constantFrom(...PEERS);
const count = fc.integer({ min: 1, max: 5 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant('send' as const), peer, count }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('say' as const), peer, count }) },
  fc.record({ do: fc.constant('drop' as const), code: fc.constantFrom(1001, 1006, 1012, 4000, 4001) }),
  fc.record({ do: fc.constant('down' as const), for: fc.integer({ min: 1, max: 5000 }) }),
  fc.record({
    do: fc.constant('fail' as const),
    command: fc.constantFrom('chat.send', 'chat.history', 'chat.delivered'),
    times: count,
  }),
  { weight: 3, arbitrary: fc.record({ do: fc.constant('pass' as const), ms: fc.nat(3000) }) },
);
/** What becomes of the pushes and replies that pass, in turn. */
const luck = fc.record({
  /** Whether the client has met both conversations before. */
  met: fc.boolean(),
  copies: fc.array(fc.constantFrom(0, 1, 1, 1, 2), { minLength: 1, maxLength: 30 }),
  lost: fc.array(fc.constantFrom(false, false, false, true), { minLength: 1, maxLength: 30 }),
  chance: fc.double({ min: 0.05, max: 1, maxExcluded: true, noNaN: true }),
});

type Fate = typeof luck extends fc.Arbitrary<infer Value> ? Value : never;

function cycle<Value>(values: readonly Value[]): () => Value {
  let index = 0;
  return () => values[index++ % values.length]!;
}

/** A first push that is lost while the connection lives is a beginning that nobody can know of. */
function beUnlucky(server: FakeServer, { copies, lost, met }: Fate): void {
  const [nextCopies, nextLost] = [cycle(met ? copies : copies.map((each) => each || 1)), cycle(lost)];
  server.copiesOf = () => nextCopies();
  server.losesReply = ({ type }) => type !== 'auth' && nextLost();
}

function beKind(server: FakeServer): void {
  server.copiesOf = () => 1;
  server.losesReply = () => false;
  server.refuse = () => undefined;
  server.up = true;
}

/** A client, and what its sends came to. */
class Run {
  readonly sent: { to: string; content: string; receipt: Promise<SendReceipt> }[] = [];
  private numbers = 0;

  constructor(readonly harness: Harness) {}

  async take(step: Step): Promise<void> {
    const { server, clock } = this.harness;
    if (step.do === 'send') for (let n = 0; n < step.count; n++) this.send(step.peer);
    if (step.do === 'say') for (let n = 0; n < step.count; n++) server.say(step.peer, 'amy', this.next());
    if (step.do === 'drop') server.dropAll(step.code);
    if (step.do === 'fail') this.fail(step.command, step.times);
    if (step.do === 'pass') await clock.advance(step.ms);
    if (step.do !== 'down') return;
    server.up = false;
    server.dropAll();
    await clock.advance(step.for);
    server.up = true;
  }

  sentTo(peer: string): Run['sent'] {
    return this.sent.filter(({ to }) => to === peer);
  }

  private send(to: string): void {
    const content = this.next();
    const receipt = this.harness.client.send({ to }, { kind: 'text', content });
    this.sent.push({ to, content, receipt });
  }

  private fail(command: string, times: number): void {
    let left = times;
    this.harness.server.refuse = ({ type }) =>
      type === command && left-- > 0 ? { code: 'unavailable', retryable: true } : undefined;
  }

  private next(): string {
    return String(++this.numbers);
  }
}

async function startRun(chance: number, met: boolean): Promise<Run> {
  const harness = new Harness({ commandTimeout: 2000, minUptime: 1000 });
  harness.clock.chance = chance;
  if (met) for (const each of PEERS) harness.server.say(each, 'amy', `hello from ${each}`);
  await harness.connect();
  return new Run(harness);
}

describe('whatever the network does', () => {
  it('each message is stored once and in order, and emitted once and in order', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 40 }), luck, async (steps, fate) => {
        const run = await startRun(fate.chance, fate.met);
        const { harness } = run;
        beUnlucky(harness.server, fate);
        for (const each of steps) await run.take(each);
        beKind(harness.server);
        await harness.clock.advance(60_000);
        await harness.reconnect();
        expect(harness.client.pending).toEqual([]);
        for (const each of PEERS) {
          const stored = harness.server.journal.of(`dm:amy:${each}`);
          expect(harness.messages.filter(({ to, from }) => [to, from].includes(each))).toEqual(stored);
          const own = stored.filter(({ from }) => from === 'amy').map(({ content }) => content);
          expect(own).toEqual(run.sentTo(each).map(({ content }) => content));
        }
        for (const { content, receipt } of run.sent) {
          const { conversation, seq } = await receipt;
          expect(harness.server.journal.of(conversation)[seq - 1]?.content).toBe(content);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
