import { afterEach, describe, expect, it } from 'vitest';
import { faultsOf, judge, summary } from '../support/checker.js';
import { deliveryFaults, undelivered } from '../support/delivery-checker.js';
import { databaseHistory, socketHistory } from '../support/history.js';
import { Load } from '../support/load.js';
import { freshDatabase } from '../support/mariadb.js';
import { untilStatus } from '../support/operations.js';
import { PrivateMariaDb } from '../support/private-mariadb.js';
import { Receiver } from '../support/receiver.js';
import { TestServer } from '../support/server.js';

const ROUNDS = Number(process.env.FAULT_ROUNDS ?? (process.env.CI ? 10 : 3));
const PER_ROUND = 200;
/** Refusals to see in each outage. */
const REFUSALS = 20;
const SENDERS = { a: ['b', 'r'], b: ['a', 'r'], c: ['r'], d: ['r', 'a'] };

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function startOn(mariadb: PrivateMariaDb): Promise<TestServer> {
  const { url } = await freshDatabase(mariadb.url);
  const env = { LOG_LEVEL: 'silent', DATABASE_TIMEOUT: '2' };
  const server = await TestServer.start({ databaseUrl: url, env });
  cleanUps.push(() => server.stop());
  return server;
}

if (!PrivateMariaDb.possible) console.warn('NOT RUN: MariaDB restarts (no mariadbd installed)');

describe.skipIf(!PrivateMariaDb.possible)('a server whose MariaDB is killed under load', () => {
  it(`recovers by itself and keeps what it acknowledged, over ${ROUNDS} outages`, async () => {
    const mariadb = await PrivateMariaDb.start();
    cleanUps.push(() => mariadb.dispose());
    const server = await startOn(mariadb);
    const { pid } = server;
    const receiver = new Receiver(server, 'r', { device: 'phone' }, false);
    void receiver.run();
    const load = new Load(server, { senders: SENDERS });
    cleanUps.push(
      () => load.abandon(),
      () => receiver.stop(),
    );

    for (let round = 0; round < ROUNDS; round++) {
      await load.acknowledged.until(load.acknowledged.count + PER_ROUND);
      await mariadb.kill();
      await untilStatus(server, '/health/ready', 503);
      await load.refused.until(load.refused.count + REFUSALS);
      await mariadb.restart();
      await untilStatus(server, '/health/ready', 200);
    }
    await load.acknowledged.until(load.acknowledged.count + PER_ROUND);
    await load.stop();

    const stored = await databaseHistory(server.databaseUrl);
    const verdict = judge(load.sent, stored);
    const refusals = load.sent.flatMap((message) => message.refusals);
    console.log(
      `MariaDB kill -9 and restart: outages ${ROUNDS}, refusals ${refusals.length}, ${summary(verdict)}`,
    );
    expect(faultsOf(verdict)).toEqual({});
    expect(verdict.unknown).toEqual([]);
    expect(refusals.filter(({ retryable }) => !retryable)).toEqual([]);
    expect(new Set(refusals.map(({ code }) => code))).toEqual(new Set(['unavailable']));
    expect(load.closes.every((code) => code === 1000 || code === 1005)).toBe(true);
    expect(server.pid).toBe(pid);

    const owed = stored.filter(({ conversation }) => conversation.split(':').includes('r'));
    await receiver.distinct.until(owed.length);
    expect(receiver.sessions).toHaveLength(1);
    expect(deliveryFaults(receiver.sessions[0] ?? [], stored)).toEqual([]);
    expect(undelivered(receiver.sessions, owed)).toEqual([]);
    expect(await socketHistory(server, 'r')).toHaveLength(owed.length);
  });
});
