import { describe, expect, it, type TestContext } from 'vitest';
import { faultsOf, judge, summary, type StoredMessage, type Verdict } from '../support/checker.js';
import { deliveryFaults, undelivered } from '../support/delivery-checker.js';
import { databaseHistory, restHistory, socketHistory } from '../support/history.js';
import { Load } from '../support/load.js';
import { Receiver } from '../support/receiver.js';
import { TestServer, type ServerOptions } from '../support/server.js';
import { stores } from '../support/stores.js';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? (process.env.CI ? 50 : 5));
const BROKEN_ROUNDS = 5;
/** Acknowledgements before a kill: at least, and at random that many more, so that it hits any moment. */
const PER_ROUND = 40;
const SPREAD = 120;

/** Conversations of one writer, of two writers at once, and shared by many writers and one reader. */
const SENDERS = {
  s0: ['s1', 'r0'],
  s1: ['s0', 'r0'],
  s2: ['s3', 'r0', 'r1'],
  s3: ['s2', 'r1'],
  s4: ['r0'],
  s5: ['r1', 'r0'],
  s6: ['r1'],
  s7: ['s0', 's1', 'r0'],
};

/** What a test has begun ends with it, the latest first. */
type AtEnd = TestContext['onTestFinished'];

async function start(atEnd: AtEnd, options: ServerOptions): Promise<TestServer> {
  const server = await TestServer.start({ ...options, env: { LOG_LEVEL: 'error', ...options.env } });
  atEnd(() => server.stop());
  return server;
}

function receive(atEnd: AtEnd, server: TestServer, user: string): Receiver {
  const receiver = new Receiver(server, user);
  const running = receiver.run();
  atEnd(async () => {
    await receiver.stop();
    await running;
  });
  return receiver;
}

interface Outcome {
  load: Load;
  receivers: Receiver[];
  stored: StoredMessage[];
  verdict: Verdict;
}

async function killUnderLoad(atEnd: AtEnd, server: TestServer, rounds: number): Promise<Outcome> {
  const receivers = ['r0', 'r1'].map((user) => receive(atEnd, server, user));
  const load = new Load(server, { senders: SENDERS, forgetful: ['s4', 's6'] });
  atEnd(() => load.abandon());
  for (let round = 0; round < rounds; round++) {
    await load.acknowledged.until(load.acknowledged.count + PER_ROUND + Math.floor(Math.random() * SPREAD));
    await server.kill();
    await server.restart();
  }
  await load.stop();
  const stored = await databaseHistory(server.databaseUrl);
  return { load, receivers, stored, verdict: judge(load.sent, stored) };
}

const ofUser = (stored: readonly StoredMessage[], user: string): StoredMessage[] =>
  stored.filter(({ conversation }) => conversation.split(':').includes(user));

const sorted = (messages: readonly StoredMessage[]): StoredMessage[] =>
  messages.toSorted((a, b) =>
    a.conversation < b.conversation ? -1 : a.conversation > b.conversation ? 1 : a.seq - b.seq,
  );

/** While one server starts, its load waits: those of all stores run beside one another. */
const BESIDE = { concurrent: true };

describe.each(stores())('a server on $name that is killed under load', BESIDE, ({ name, open }) => {
  it(`keeps everything it acknowledged, once and in order, over ${ROUNDS} kills`, async ({
    onTestFinished: atEnd,
  }) => {
    const store = await open();
    atEnd(store.dispose);
    const server = await start(atEnd, { databaseUrl: store.databaseUrl });
    const { load, receivers, stored, verdict } = await killUnderLoad(atEnd, server, ROUNDS);
    console.log(`kill -9, ${name}: kills ${ROUNDS}, ${summary(verdict)}`);
    expect(faultsOf(verdict)).toEqual({});
    expect(load.acknowledged.count).toBeGreaterThanOrEqual(ROUNDS * PER_ROUND);

    for (const receiver of receivers) {
      const owed = ofUser(stored, receiver.user);
      await receiver.distinct.until(owed.length);
      expect(undelivered(receiver.sessions, owed)).toEqual([]);
      expect(receiver.sessions.flatMap((session) => deliveryFaults(session, stored))).toEqual([]);
      expect(receiver.forgottenMarks).toEqual([]);
    }
    for (const user of ['r0', 's1', 's2']) {
      expect(sorted(await socketHistory(server, user))).toEqual(sorted(ofUser(stored, user)));
    }
    expect(sorted(await restHistory(server, 'r1'))).toEqual(sorted(ofUser(stored, 'r1')));
  });
});

describe('the proof itself', () => {
  it('catches a server that acknowledges before it commits', async ({ onTestFinished: atEnd }) => {
    const server = await start(atEnd, { entry: 'test/faults/early-acknowledgement.server.mjs' });
    const { verdict } = await killUnderLoad(atEnd, server, BROKEN_ROUNDS);
    console.log(`control, acknowledged before the commit: kills ${BROKEN_ROUNDS}, ${summary(verdict)}`);
    expect(verdict.lost).not.toEqual([]);
  });

  it('catches a server that forgets client ids', async ({ onTestFinished: atEnd }) => {
    const server = await start(atEnd, { entry: 'test/faults/forgetful.server.mjs' });
    const { verdict } = await killUnderLoad(atEnd, server, BROKEN_ROUNDS);
    console.log(`control, client ids forgotten: kills ${BROKEN_ROUNDS}, ${summary(verdict)}`);
    expect(verdict.duplicate).not.toEqual([]);
  });
});
