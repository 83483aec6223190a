import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Presence } from '@rookery/protocol';
import { presenceApp, type PresenceApp } from '../support/presence-app.js';
import { RawClient } from '../support/raw-client.js';
import { stores, type FreshStore } from '../support/stores.js';

/** As many as two cores that serve them and are them can take; the numbers per user are what matters. */
const USERS = Number(process.env.PRESENCE_STORM_USERS ?? 300);
const CONTACTS = 50;
/** Reconnects at the same time: each is to take less than the grace, also where the machine is busy. */
const AT_ONCE = 25;
const EVENTS = ['presence.snapshot', 'presence.changed'];
const nameOf = (index: number): string => `s${((index % USERS) + USERS) % USERS}`;

describe.each(stores())('a storm of reconnects on $name', ({ open }) => {
  let store: FreshStore;
  let server: PresenceApp;
  let clients: RawClient[] = [];

  beforeAll(async () => {
    store = await open();
    server = await presenceApp({
      ...(store.databaseUrl && { DATABASE_URL: store.databaseUrl }),
      PRESENCE_STORE: 'database',
    });
    for (let index = 0; index < USERS; index++)
      for (let step = 1; step <= CONTACTS / 2; step++)
        server.contacts.connect(nameOf(index), nameOf(index + step));
  }, 60_000);
  afterAll(async () => {
    for (const client of clients) client.terminate();
    await server?.stop();
    await store?.dispose();
  }, 60_000);

  const connectOne = (index: number): Promise<RawClient> =>
    RawClient.connect(server, nameOf(index), { query: { sync: 'self' } });
  const connectAll = async (): Promise<void> => {
    clients = await Promise.all(Array.from({ length: USERS }, (_, index) => connectOne(index)));
  };
  const comeBack = async (index: number): Promise<void> => {
    clients[index]?.terminate();
    await clients[index]?.closed();
    clients[index] = await connectOne(index);
  };
  /** What a client shows of others, if it believes the last it was told. */
  const picture = ({ frames }: RawClient): Map<string, string> => {
    const states = new Map<string, string>();
    for (const { type, data } of frames) {
      if (!EVENTS.includes(type)) continue;
      for (const { user, state } of (data as { users: Presence[] }).users) states.set(user, state);
    }
    return states;
  };
  const seesAll = (client: RawClient): boolean =>
    [...picture(client).values()].filter((state) => state === 'online').length === CONTACTS;
  const framesOf = (): number =>
    clients.reduce((sum, { frames }) => sum + frames.filter(({ type }) => EVENTS.includes(type)).length, 0);
  const statements = async (): Promise<number> => {
    const text = await (await fetch(`${server.url}/metrics`)).text();
    return [...text.matchAll(/presence_statements_total\{[^}]*\} (\d+)/g)].reduce(
      (sum, [, n]) => sum + Number(n),
      0,
    );
  };

  it('shows everybody the truth within ten seconds, with few frames and statements', async () => {
    const began = Date.now();
    const [statementsBefore, askedBefore] = [await statements(), server.contacts.asked];
    await connectAll();
    const connected = Date.now();
    await Promise.all(clients.map((client) => client.until(() => seesAll(client), 10_000)));
    const truth = Date.now() - connected;
    const frames = framesOf();
    const used = (await statements()) - statementsBefore;
    const asked = server.contacts.asked - askedBefore;
    console.log(
      `${USERS} users with ${CONTACTS} contacts: connected in ${connected - began} ms, the truth ${truth} ms later; ` +
        `${frames} frames (one by one ${USERS * CONTACTS}), ${used} statements, ${asked} questions to the directory`,
    );
    const seconds = Math.ceil((Date.now() - began) / 1000);
    expect(frames).toBeLessThanOrEqual(USERS * (2 + seconds));
    // A few for each fifth of a second, whoever comes.
    expect(used).toBeLessThanOrEqual(30 * seconds);
    expect(asked).toBeLessThanOrEqual(4 * USERS);
  }, 60_000);

  it('tells nobody anything when all of them come back within the grace', async () => {
    const before = server.contacts.asked;
    const started = performance.now();
    for (let start = 0; start < USERS; start += AT_ONCE)
      await Promise.all(clients.slice(start, start + AT_ONCE).map((_, index) => comeBack(start + index)));
    const took = performance.now() - started;
    await Promise.all(clients.map((client) => client.event('presence.snapshot')));
    // Longer than the grace: whoever was thought to have gone would be told of by now.
    await delay(6_500);
    const changed = clients.reduce((sum, client) => sum + client.dataOf('presence.changed').length, 0);
    console.log(
      `${USERS} reconnects in ${took.toFixed(0)} ms: ${framesOf()} snapshots, ${changed} frames with changes, ` +
        `${server.contacts.asked - before} questions to the directory`,
    );
    expect(clients.every(seesAll)).toBe(true);
    expect(changed).toBe(0);
  }, 60_000);
});
