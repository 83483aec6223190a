import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { StoredMessage } from '../support/checker.js';
import { deliveryFaults, undelivered, type Delivery } from '../support/delivery-checker.js';
import { databaseHistory, restHistory, socketHistory } from '../support/history.js';
import { Load } from '../support/load.js';
import { Receiver } from '../support/receiver.js';
import { TestServer } from '../support/server.js';
import { Wire } from '../support/wire.js';

const MESSAGES = 10_000;
const CONVERSATIONS = 300;
/** Senders connected at a time. */
const AT_ONCE = 50;

async function sendAll(server: TestServer, sender: string, to: string, count: number): Promise<void> {
  const wire = await Wire.connect(server, sender, { query: { sync: 'self' } });
  const content = (index: number): string => `${sender} ${index}`;
  await Promise.all(
    Array.from({ length: count }, (_, index) =>
      wire.call('chat.send', { to, kind: 'text', content: content(index) }),
    ),
  );
  await wire.close();
}

async function fill(server: TestServer, reader: string): Promise<void> {
  for (let first = 0; first < CONVERSATIONS; first += AT_ONCE) {
    const senders = Array.from({ length: AT_ONCE }, (_, index) => first + index);
    await Promise.all(
      senders.map((index) => {
        const count = Math.floor(MESSAGES / CONVERSATIONS) + (index < MESSAGES % CONVERSATIONS ? 1 : 0);
        return sendAll(server, `p${index}`, reader, count);
      }),
    );
  }
}

const ordered = (messages: readonly Delivery[]): Delivery[] =>
  messages.toSorted((a, b) =>
    a.conversation === b.conversation ? a.seq - b.seq : a.conversation < b.conversation ? -1 : 1,
  );

describe(`a reader who was away for ${MESSAGES} messages in ${CONVERSATIONS} conversations`, () => {
  let server: TestServer;
  let stored: StoredMessage[];

  beforeAll(async () => {
    server = await TestServer.start({ env: { LOG_LEVEL: 'error' } });
    await fill(server, 'reader');
    stored = await databaseHistory(server.databaseUrl);
  });
  afterAll(() => server.stop());

  it('is pushed all of them once and in order, then told so, on several devices at once', async () => {
    expect(stored).toHaveLength(MESSAGES);
    const devices = ['phone', 'laptop', 'watch'].map(
      (device) => new Receiver(server, 'reader', { device }, false),
    );
    await Promise.all(devices.map((device) => device.connect()));
    for (const device of devices) {
      await device.synced.until(1);
      const [session = []] = device.sessions;
      expect(session).toHaveLength(MESSAGES);
      expect(deliveryFaults(session, stored)).toEqual([]);
      expect(undelivered([session], stored)).toEqual([]);
      expect(device.events.find(({ type }) => type === 'chat.synced')?.data).toEqual({ messages: MESSAGES });
    }
    await Promise.all(devices.map((device) => device.stop()));
  });

  it('reads all of them page by page when it syncs by itself, over the socket and over REST', async () => {
    const pushed = new Receiver(server, 'reader', { sync: 'self' }, false);
    await pushed.connect();
    expect(ordered(await socketHistory(server, 'reader'))).toEqual(ordered(stored));
    expect(ordered(await restHistory(server, 'reader'))).toEqual(ordered(stored));
    expect(pushed.sessions).toEqual([[]]);
    await pushed.stop();
  });

  it('is pushed only what this device has not marked, after being cut in the middle', async () => {
    const device = new Receiver(server, 'reader', { device: 'tablet' });
    const first = await device.connect();
    await device.marks.until(100);
    first.socket.terminate();
    await first.closed;
    await device.connect();
    await device.synced.until(1);
    expect(device.forgottenMarks).toEqual([]);
    expect(device.sessions.flatMap((session) => deliveryFaults(session, stored))).toEqual([]);
    expect(undelivered(device.sessions, stored)).toEqual([]);
    expect(device.sessions[1]?.length).toBeLessThan(MESSAGES);
    await device.stop();
  });
});

describe('a reader who comes in the middle of a running load', () => {
  const READERS = 6;
  /** Acknowledgements from one arrival to the next. */
  const BETWEEN = 300;
  const SENDERS = { a: ['reader', 'b'], b: ['reader'], c: ['reader'], reader: ['a', 'd'] };

  const cleanUps: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
  });

  it('has no hole and no double, on whichever device and however often it comes', async () => {
    const server = await TestServer.start({ env: { LOG_LEVEL: 'error' } });
    cleanUps.push(() => server.stop());
    const load = new Load(server, { senders: SENDERS, pipeline: 8 });
    cleanUps.push(() => load.abandon());
    const readers = Array.from(
      { length: READERS },
      (_, index) => new Receiver(server, 'reader', { device: `d${index}` }, false),
    );
    for (const reader of readers) {
      await load.acknowledged.until(load.acknowledged.count + BETWEEN);
      await reader.connect();
    }
    await load.acknowledged.until(load.acknowledged.count + BETWEEN);
    await load.stop();
    const stored = await databaseHistory(server.databaseUrl);
    const owed = stored.filter(({ conversation }) => conversation.includes('reader'));
    for (const reader of readers) {
      await reader.distinct.until(owed.length);
      expect(reader.sessions).toHaveLength(1);
      expect(reader.sessions[0]).toHaveLength(owed.length);
      expect(deliveryFaults(reader.sessions[0] ?? [], stored)).toEqual([]);
      await reader.synced.until(1);
    }
    await Promise.all(readers.map((reader) => reader.stop()));
  });
});
