import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { faultsOf, judge, summary, type SentMessage, type StoredMessage } from '../support/checker.js';
import { deliveryFaults, undelivered } from '../support/delivery-checker.js';
import type { DialectName } from '../support/dialect-client.js';
import { DialectSender, located } from '../support/dialect-load.js';
import { DialectReceiver } from '../support/dialect-receiver.js';
import { SPEECH } from '../support/dialect-speech.js';
import { DialectStage } from '../support/dialect-stage.js';
import { databaseHistory } from '../support/history.js';
import { Load } from '../support/load.js';
import { Receiver } from '../support/receiver.js';
import type { ServerOptions } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';
import { Wire } from '../support/wire.js';

const KILLS = Number(process.env.FAULT_ROUNDS ?? 8);
const BROKEN_KILLS = 5;
/** Milliseconds, at most, from the last thing that is waited for to the kill. */
const UNTIL_KILL = 40;
/** What every dialect must have been told is stored between two kills: at least, and at random that many more. */
const PER_KILL = 15;
const SPREAD = 25;

/** Tokens end when they say, and connections soon after. */
const ENV = { LOG_LEVEL: 'error', JWT_LEEWAY: '0', WS_PING_INTERVAL: '0.4', WS_PONG_TIMEOUT: '20' };

const DIALECTS = Object.keys(SPEECH) as DialectName[];
const GROUP = 'Gkill';

/** All formats in the same conversations: some with one writer, some with two at once, and a group with three. */
const SENDERS: Record<DialectName, Record<string, string[]>> = {
  melody: { 'melody-s': ['melody-r', 'skyeim-r', 'kama-r', 'native-r', 'kama-s'] },
  skyeim: { 'skyeim-s': ['melody-r', 'skyeim-r', 'kama-r', 'native-r', 'melody-s'] },
  kama: { 'kama-s': ['melody-r', 'skyeim-r', 'kama-r', 'native-r', 'melody-s', GROUP] },
  gozero: { 'gozero-s': [GROUP], 'gozero-t': [GROUP] },
};
const NATIVE_SENDERS = { 'native-s': ['melody-r', 'skyeim-r', 'kama-r', 'native-r', 'melody-s'] };
const GROUP_MEMBERS = ['owner', 'gozero-s', 'gozero-t', 'gozero-r', 'kama-s', 'kama-r', 'native-r'];

const NO_STORE: FreshStore = { dispose: async () => undefined };
const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface Outcome {
  senders: DialectSender[];
  receivers: DialectReceiver[];
  native: { load: Load; receiver: Receiver };
  stored: StoredMessage[];
  begun: ReadonlyMap<string, number>;
}

async function killUnderLoad(
  store: FreshStore,
  kills: number,
  { entry }: Pick<ServerOptions, 'entry'> = {},
): Promise<Outcome> {
  const stage = await DialectStage.open(store, { env: ENV });
  cleanUps.push(() => stage.close());
  const { server } = stage;
  await stage.group(GROUP_MEMBERS, { id: GROUP });
  await stage.disconnectAll();
  if (entry) {
    await server.kill();
    await server.restart(entry);
  }
  const begun = new Map([[GROUP, await headOf(server, GROUP)]]);

  const receivers = DIALECTS.map((dialect) => new DialectReceiver(server, dialect, `${dialect}-r`));
  const receiver = new Receiver(server, 'native-r');
  const receiving = receiver.run();
  const senders = DIALECTS.flatMap((dialect) =>
    Object.entries(SENDERS[dialect]).map(([user, to]) => new DialectSender(server, dialect, user, to)),
  );
  const load = new Load(server, { senders: NATIVE_SENDERS });
  cleanUps.push(async () => {
    await Promise.all(senders.map((sender) => sender.abandon()));
    await load.abandon();
    await Promise.all(receivers.map((each) => each.stop()));
    await receiver.stop();
    await receiving;
  });

  for (let kill = 0; kill < kills; kill++) {
    const more = PER_KILL + Math.floor(Math.random() * SPREAD);
    await Promise.all(senders.map(({ acknowledged }) => acknowledged.until(acknowledged.count + more)));
    await Promise.all(receivers.map((each) => each.confirm()));
    // Every third one is on its way out when it is hit.
    const ended = kill % 3 === 2 ? server.signal('SIGTERM') : undefined;
    await delay(Math.random() * UNTIL_KILL);
    await server.kill();
    await ended;
    await server.restart();
  }
  await Promise.all([load.stop(), ...senders.map((sender) => sender.stop())]);
  const stored = await databaseHistory(server.databaseUrl);
  return { senders, receivers, native: { load, receiver }, stored, begun };
}

async function headOf(server: { port: number }, conversation: string): Promise<number> {
  const wire = await Wire.connect(server, 'owner', { query: { sync: 'self' } });
  const { conversations } = await wire.call('chat.sync', {});
  await wire.close();
  return conversations.find((each) => each.conversation === conversation)?.head ?? 0;
}

/** What a user is owed of what is stored. */
const ofUser = (stored: readonly StoredMessage[], user: string): StoredMessage[] =>
  stored.filter(({ conversation }) =>
    conversation === GROUP ? GROUP_MEMBERS.includes(user) : conversation.split(':').includes(user),
  );

/** Waits for the very entries: what is stored later than these were read counts, too. What is missing is told below. */
async function brought(receiver: DialectReceiver, owed: readonly StoredMessage[]): Promise<void> {
  await receiver.distinct.until(owed.length);
  const isWhole = (): boolean => undelivered(receiver.deliveries(owed), owed).length === 0;
  await vi.waitUntil(isWhole, { timeout: 30_000, interval: 100 }).catch(() => undefined);
}

const sentIn = ({ senders, stored }: Outcome, dialect: DialectName): SentMessage[] =>
  located(
    senders.filter((sender) => sender.dialect === dialect).flatMap(({ messages }) => messages),
    stored,
  );

/** Its own messages alone, so that the figures are those of the dialect; holes are looked for among all. */
function verdictOf(outcome: Outcome, dialect: DialectName) {
  const own = outcome.stored.filter(({ sender }) => sender in SENDERS[dialect]);
  return { ...judge(sentIn(outcome, dialect), own), holes: [] };
}

function figures(outcome: Outcome, dialect: DialectName): string {
  const receiver = outcome.receivers.find((each) => each.dialect === dialect) as DialectReceiver;
  const again = receiver.shown - receiver.distinct.count;
  const received = [
    `received ${receiver.distinct.count} of ${ofUser(outcome.stored, receiver.user).length}`,
    `over ${receiver.sessions.length} connections`,
    `again ${again}`,
    `again although known ${receiver.forgotten(outcome.stored).length}`,
  ];
  return `${dialect}: ${summary(verdictOf(outcome, dialect))}; ${received.join(', ')}`;
}

describe.each(stores())('clients of older protocols, on $name, under kill -9', ({ name, open }) => {
  // Meanwhile their tokens expire.
  it(`send and receive over ${KILLS} kills: nothing acknowledged is lost, doubled or out of order`, async () => {
    const outcome = await killUnderLoad(await open(), KILLS);
    const { senders, receivers, native, stored, begun } = outcome;
    for (const receiver of receivers) await brought(receiver, ofUser(stored, receiver.user));
    console.log(
      [`kill -9, ${name}: kills ${KILLS}`, ...DIALECTS.map((each) => figures(outcome, each))].join('\n  '),
    );
    const sent = [...DIALECTS.flatMap((dialect) => sentIn(outcome, dialect)), ...native.load.sent];
    expect(faultsOf(judge(sent, stored, begun))).toEqual({});
    expect(senders.flatMap(({ unexpected }) => unexpected)).toEqual([]);
    for (const dialect of DIALECTS) expect(faultsOf(verdictOf(outcome, dialect))).toEqual({});
    for (const { acknowledged } of senders)
      expect(acknowledged.count).toBeGreaterThanOrEqual(KILLS * PER_KILL);

    for (const receiver of receivers) {
      const owed = ofUser(stored, receiver.user);
      const sessions = receiver.deliveries(stored);
      expect(undelivered(sessions, owed)).toEqual([]);
      expect(sessions.flatMap((session) => deliveryFaults(session, stored))).toEqual([]);
      expect(receiver.forgotten(stored)).toEqual([]);
    }
    const owed = ofUser(stored, native.receiver.user);
    await native.receiver.distinct.until(owed.length);
    expect(undelivered(native.receiver.sessions, owed)).toEqual([]);
    expect(native.receiver.sessions.flatMap((session) => deliveryFaults(session, stored))).toEqual([]);
  });
});

describe('the proof itself', () => {
  const run = (entry: string): Promise<Outcome> =>
    killUnderLoad(NO_STORE, BROKEN_KILLS, { entry: `test/faults/${entry}.server.mjs` });

  it('catches, in each dialect, a server that acknowledges and delivers before it commits', async () => {
    const outcome = await run('early-acknowledgement');
    const { receivers, stored } = outcome;
    for (const receiver of receivers) {
      const { dialect } = receiver;
      console.log(`control, acknowledged before the commit: ${figures(outcome, dialect)}`);
      const shown = receiver.deliveries(stored).flatMap((session) => deliveryFaults(session, stored));
      expect([...verdictOf(outcome, dialect).lost, ...shown]).not.toEqual([]);
    }
  });

  it('catches a server that forgets client ids, in each dialect that has them', async () => {
    const outcome = await run('forgetful');
    for (const dialect of DIALECTS.filter((each) => SPEECH[each].hasIds)) {
      console.log(`control, client ids forgotten: ${figures(outcome, dialect)}`);
      expect(verdictOf(outcome, dialect).duplicate).not.toEqual([]);
    }
  });

  it('catches, in each dialect, a server that forgets how far its clients have come', async () => {
    const outcome = await run('forgotten-marks');
    for (const receiver of outcome.receivers) {
      await receiver.distinct.until(ofUser(outcome.stored, receiver.user).length);
      console.log(`control, marks forgotten: ${figures(outcome, receiver.dialect)}`);
      expect(receiver.forgotten(outcome.stored)).not.toEqual([]);
    }
  });
});
