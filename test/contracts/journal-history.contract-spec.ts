import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AppError } from '../../src/common/app-error.js';
import {
  type AppendRequest,
  directConversation,
  type JournalOperation,
  type JournalOutcome,
  JournalService,
  type JournalStore,
} from '../../src/journal/index.js';
import { type FaultPlan, faultyStore } from '../support/faulty-journal.js';
import { FORGED_MARK, type History, identity, readAll, violations } from '../support/journal-history.js';
import { mysqlJournal, type OpenJournal, sqliteJournal } from '../support/journal-harness.js';
import { mariaDbUrl } from '../support/mariadb.js';
import { direct } from './journal.contract.js';

const USERS = ['alice', 'bob', 'carol'];

/** A writer sends these one after another, each until it is settled. */
interface Script {
  writers: { from: number; messages: { to: number; clientId: number; body: number }[] }[];
  faults: { seed: number; percent: number };
}

const index = fc.nat({ max: USERS.length - 1 });
const script: fc.Arbitrary<Script> = fc.record({
  writers: fc.array(
    fc.record({
      from: index,
      messages: fc.array(fc.record({ to: index, clientId: fc.nat({ max: 8 }), body: fc.nat({ max: 1 }) }), {
        minLength: 1,
        maxLength: 12,
      }),
    }),
    { minLength: 1, maxLength: 8 },
  ),
  faults: fc.record({ seed: fc.integer(), percent: fc.constantFrom(0, 3, 10) }),
});

/** Deterministic, so that a failing script can be run again. */
function faultPlan({ seed, percent }: Script['faults']): FaultPlan {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return (state >>> 8) % 1000 < percent * 10;
  };
}

/** Retries what may have failed for a while, as clients do; gives up on what can never succeed. */
async function settle(send: () => Promise<void>): Promise<void> {
  for (let attempt = 0; attempt < 2000; attempt++) {
    try {
      return await send();
    } catch (error) {
      if (error instanceof AppError && error.code === 'conflict') return;
      if (!(error instanceof AppError) || error.code !== 'unavailable') throw error;
    }
  }
  throw new Error('Never settled');
}

/** Runs a script on several nodes over one database, and says what was broken. */
async function play({ writers }: Script, stores: JournalStore[], clean: JournalStore): Promise<string[]> {
  const run = randomUUID();
  const name = (user: number): string => `${USERS[user]}-${run}`;
  const history: History = { attempted: new Set(), acknowledged: [], heard: stores.map(() => []) };
  const nodes = stores.map((store, node) => {
    const service = new JournalService(store, { operations: 8, bytes: 1024 });
    service.onCommitted(({ entry }) => history.heard[node]?.push(entry));
    return service;
  });
  const write = async ({ from, messages }: Script['writers'][number], writer: number): Promise<void> => {
    for (const { to, clientId, body } of messages) {
      const request: AppendRequest = direct(name(from), name(to), `c${clientId}`, { body });
      history.attempted.add(identity(request));
      await settle(async () => {
        const { entry } = await nodes[writer % nodes.length]!.append({ ...request });
        history.acknowledged.push(entry);
      });
    }
  };
  await Promise.all(writers.map(write));
  const ids = USERS.flatMap((_, a) => USERS.map((__, b) => directConversation(name(a), name(b))));
  const stored = new Map<string, Awaited<ReturnType<typeof readAll>>>();
  for (const id of new Set(ids)) stored.set(id, await readAll(clean, id));
  return violations(history, stored);
}

/** Passes everything on; what a subclass breaks must be noticed. */
function broken(
  store: JournalStore,
  commit: (operations: readonly JournalOperation[]) => Promise<JournalOutcome[]>,
): JournalStore {
  return Object.assign(Object.create(store) as JournalStore, { commit });
}

const BUSY_SCRIPT: Script = {
  writers: [0, 1, 2, 0].map((from) => ({
    from,
    messages: Array.from({ length: 9 }, (_, i) => ({ to: (from + 1) % 3, clientId: i, body: 0 })),
  })),
  faults: { seed: 7, percent: 10 },
};

const server = mariaDbUrl();
const drivers: [string, number, (() => Promise<OpenJournal>) | undefined][] = [
  ['SQLite', 1, sqliteJournal],
  ['MariaDB', 2, server === undefined ? undefined : () => mysqlJournal(server)],
];

describe.each(drivers)('the history of a journal on %s', (_, nodes, open) => {
  let journal: OpenJournal;

  beforeAll(async () => {
    if (open) journal = await open();
  });
  afterAll(async () => journal?.dispose());

  const withFaults = (faults: Script['faults']) =>
    Array.from({ length: nodes }, (_, node) =>
      faultyStore(journal, faultPlan({ ...faults, seed: faults.seed + node })),
    );

  it.skipIf(!open)('is gapless, exactly once, ordered, and holds all that was acknowledged', async () => {
    let playing: Promise<unknown> | undefined;
    await fc.assert(
      fc.asyncProperty(script, async (given) => {
        const found = play(given, withFaults(given.faults), journal.store);
        playing = found;
        expect(await found).toEqual([]);
      }),
      { numRuns: 30, interruptAfterTimeLimit: 30_000 },
    );
    // An interrupted run goes on by itself, and would meet a closed database.
    await playing;
  });

  it.skipIf(!open)('control: an acknowledgement before the commit is noticed', async () => {
    const [inner] = withFaults({ seed: 1, percent: 0 });
    let last: JournalOutcome[] = [];
    const hasty = broken(journal.store, async (operations) => {
      const forged = operations.map((operation) => {
        if (operation.op !== 'append') return undefined;
        return { entry: { ...operation.request, seq: 1000, time: 0 }, duplicate: false };
      });
      last = last.length === 0 ? forged : await inner!.commit(operations);
      return last;
    });
    expect((await play(BUSY_SCRIPT, [hasty], journal.store)).join()).toMatch(/not stored as told/);
  });

  it.skipIf(!open)('control: without de-duplication a retry is noticed', async () => {
    const [inner] = withFaults({ seed: 7, percent: 10 });
    let forged = 0;
    const forgetful = broken(journal.store, (operations) =>
      inner!.commit(
        operations.map((operation) => {
          if (operation.op !== 'append') return operation;
          return {
            op: 'append',
            request: {
              ...operation.request,
              clientId: `${operation.request.clientId}${FORGED_MARK}${forged++}`,
            },
          };
        }),
      ),
    );
    expect((await play(BUSY_SCRIPT, [forgetful], journal.store)).join()).toMatch(/more than once/);
  });

  it.skipIf(!open)('control: a lost entry is noticed', async () => {
    const lossy = broken(journal.store, async (operations) => {
      const outcomes = await journal.store.commit(operations);
      const [first] = operations;
      if (first?.op === 'append')
        await journal.execute('DELETE FROM entries WHERE conversation_id = ? AND seq = 1', [
          first.request.conversation,
        ]);
      return outcomes;
    });
    expect((await play(BUSY_SCRIPT, [lossy], journal.store)).join()).toMatch(/hole/);
  });
});
