import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { deliveryFaults, undelivered } from '../support/delivery-checker.js';
import { databaseHistory } from '../support/history.js';
import { metricOf } from '../support/operations.js';
import { tokenFor } from '../support/raw-client.js';
import { Receiver } from '../support/receiver.js';
import { TestServer } from '../support/server.js';
import { Wire } from '../support/wire.js';

const KiB = 1024;
const MiB = 1024 * KiB;
const SEND_BUFFER = 64 * KiB;
const CONTENT = 'x'.repeat(16 * KiB);
const LIVE = 200;
const ENV = {
  LOG_LEVEL: 'error',
  WS_SEND_BUFFER: String(SEND_BUFFER),
  WS_RATE_LIMIT: '100000',
  WS_USER_RATE_LIMIT: '100000',
  /** A server that kept what it could not write would die of this. */
  NODE_OPTIONS: '--max-old-space-size=96',
};

/** Reads for a moment, and then not for a moment, until it is told to stop. */
async function readSlowly(wire: Wire, isOver: () => boolean): Promise<void> {
  while (!isOver()) {
    wire.socket.pause();
    await delay(4);
    wire.socket.resume();
    await delay(1);
  }
}

const behind = (server: TestServer): Promise<number> =>
  metricOf(server, 'rookery_slow_connections', 'behind');

/** What the server holds: its heap and the buffers beside it, in bytes. */
const memoryOf = (server: TestServer): Promise<number> => metricOf(server, 'process_resident_memory_bytes');

async function sendAll(server: TestServer, sender: string, count: number): Promise<void> {
  const wire = await Wire.connect(server, sender, { query: { sync: 'self' } });
  const send = (index: number) =>
    wire.call('chat.send', { to: 'slow', kind: 'text', content: `${index} ${CONTENT}` });
  for (let index = 0; index < count; index += 4) {
    await Promise.all([0, 1, 2, 3].map((offset) => send(index + offset)));
  }
  await wire.close();
}

async function flood(server: TestServer, senders: number, each: number): Promise<void> {
  const AT_ONCE = 8;
  for (let first = 0; first < senders; first += AT_ONCE) {
    const group = Array.from(
      { length: Math.min(AT_ONCE, senders - first) },
      (_, index) => `f${first + index}`,
    );
    await Promise.all(group.map((sender) => sendAll(server, sender, each)));
  }
}

/** Events that may be shed, one after another. */
async function tellLive({ url }: TestServer, times: number): Promise<void> {
  const headers = {
    'Content-Type': 'application/json',
    Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}`,
  };
  const body = JSON.stringify({ type: 'live', to: 'slow', content: 1, ephemeral: true });
  for (let index = 0; index < times; index++)
    await fetch(`${url}/api/ws/send`, { method: 'POST', headers, body });
}

describe('a reader who stops reading', () => {
  let server: TestServer | undefined;
  afterEach(() => server?.stop());

  it.each([
    ['one hot conversation', 1, 3000],
    ['many conversations', 120, 52],
  ])(
    'costs the server no memory, and gets everything once and in order when it reads on: %s',
    async (_, senders, each) => {
      server = await TestServer.start({ env: ENV });
      const [slow, quick] = [
        new Receiver(server, 'slow', {}, false),
        new Receiver(server, 'slow', {}, false),
      ];
      await quick.connect();
      await flood(server, 8, 40);
      const wire = await slow.connect();
      await slow.synced.until(1);
      await slow.distinct.until(8 * 40);

      const before = await memoryOf(server);
      wire.socket.pause();
      await flood(server, senders, each);
      const after = await memoryOf(server);
      const sent = senders * each * CONTENT.length;
      console.log(
        `paused reader: sent ${Math.round(sent / MiB)} MiB, resident ${Math.round(before / MiB)} -> ${Math.round(after / MiB)} MiB`,
      );
      await quick.distinct.until((await databaseHistory(server.databaseUrl)).length);
      const dropped = await metricOf(server, 'rookery_events_dropped_total', 'congested');
      await tellLive(server, LIVE);
      expect(await metricOf(server, 'rookery_events_dropped_total', 'congested')).toBe(dropped + LIVE);

      wire.socket.resume();
      const stored = await databaseHistory(server.databaseUrl);
      await slow.distinct.until(stored.length);
      expect(slow.sessions).toHaveLength(1);
      expect(slow.sessions[0]).toHaveLength(stored.length);
      expect(deliveryFaults(slow.sessions[0] ?? [], stored)).toEqual([]);
      expect(undelivered(slow.sessions, stored)).toEqual([]);
      expect(slow.events.filter(({ type: name }) => name === 'notification.message')).toEqual([]);
      expect(deliveryFaults(quick.sessions[0] ?? [], stored)).toEqual([]);
      const reads = await metricOf(server, 'rookery_catch_up_reads_total');
      console.log(`paused reader: journal pages read ${reads}`);
      expect(reads).toBeGreaterThan(0);
      expect(after - before).toBeLessThan(sent / 3);
      await Promise.all([slow.stop(), quick.stop()]);
    },
  );

  it('is one of many, beside a slow one, who are all live again in the end', async () => {
    const MESSAGES = 400;
    const AFTER = 20;
    server = await TestServer.start({ env: { ...ENV, WS_MAX_CONNECTIONS_PER_USER: '0' } });
    const { databaseUrl } = server;
    const receivers = Array.from({ length: 14 }, () => new Receiver(server as TestServer, 'slow', {}, false));
    const [quick, slow, ...stopped] = receivers as [Receiver, Receiver, ...Receiver[]];
    const wires = await Promise.all(stopped.map((receiver) => receiver.connect()));
    const slowWire = await slow.connect();
    await quick.connect();
    await Promise.all(receivers.map(({ synced }) => synced.until(1)));

    for (const { socket } of wires) socket.pause();
    let isOver = false;
    const reading = readSlowly(slowWire, () => isOver);
    await flood(server, 8, MESSAGES / 8);
    await quick.distinct.until(MESSAGES);
    expect(await behind(server)).toBeGreaterThanOrEqual(stopped.length);

    for (const { socket } of wires) socket.resume();
    await flood(server, 8, MESSAGES / 8);
    await Promise.all(receivers.map(({ distinct }) => distinct.until(2 * MESSAGES)));
    await expect.poll(() => behind(server as TestServer)).toBe(0);
    const reads = await metricOf(server, 'rookery_catch_up_reads_total');
    await sendAll(server, 'late', AFTER);
    await Promise.all(receivers.map(({ distinct }) => distinct.until(2 * MESSAGES + AFTER)));
    expect(await metricOf(server, 'rookery_catch_up_reads_total')).toBe(reads);
    isOver = true;
    await reading;

    const stored = await databaseHistory(databaseUrl);
    for (const { sessions } of receivers) {
      expect(sessions).toHaveLength(1);
      expect(sessions[0]).toHaveLength(stored.length);
      expect(deliveryFaults(sessions[0] ?? [], stored)).toEqual([]);
    }
    await Promise.all(receivers.map((receiver) => receiver.stop()));
  });
});
