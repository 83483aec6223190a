import { describe, expect, it } from 'vitest';
import { Metrics } from '../metrics/index.js';
import type { Encoder } from './codec.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { HubEvent } from './hub-event.js';

const codec: Encoder = { name: 'text', encode: ({ data }) => Buffer.from(String(data)) };

function setUp() {
  const written: string[] = [];
  const outlet = {
    open: true,
    bufferedBytes: 0,
    write: (bytes: Buffer) => void written.push(bytes.toString()),
    awaitDrain: () => undefined,
  };
  const options = {
    id: 'c',
    principal: { userId: 'bob', roles: [] },
    sync: 'push',
    codec,
    outlet,
    ip: '::1',
    common: { budget: 100, fanOut: { bringTo: () => undefined }, metrics: new Metrics() },
  } as unknown as ConnectionOptions;
  return { connection: new Connection(options), written, outlet };
}

const greeting = (): HubEvent =>
  new HubEvent('greeting', 'hello', {
    closest: (locale) => (locale === 'de' ? 'de' : undefined),
    data: () => 'hallo',
  });

describe('a connection whose language is not known yet', () => {
  it('is told what is the same in all languages, and what is not as soon as it is known', async () => {
    const { connection, written } = setUp();
    expect(connection.tryDurable(greeting())).toBe(false);
    expect(connection.tryDurable(new HubEvent('plain', 'plain'))).toBe(true);
    const room = connection.room();
    connection.locale = 'de';
    await room;
    expect(connection.tryDurable(greeting())).toBe(true);
    expect(written).toEqual(['plain', 'hallo']);
  });

  it('is told in the default language when it turns out that its user named none', async () => {
    const { connection, written } = setUp();
    const room = connection.room();
    connection.locale = null;
    await room;
    expect([connection.tryDurable(greeting()), written]).toEqual([true, ['hello']]);
  });

  it('does not keep anybody waiting when its socket has drained or is gone', async () => {
    const { connection, outlet } = setUp();
    outlet.bufferedBytes = 100;
    const waits = [connection.room()];
    connection.drained();
    waits.push(connection.room());
    connection.markClosed();
    waits.push(connection.room());
    await expect(Promise.all(waits)).resolves.toHaveLength(3);
  });
});
