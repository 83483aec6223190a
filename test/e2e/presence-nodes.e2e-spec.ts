import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Presence } from '@rookery/protocol';
import { freshDatabase, mariaDbUrl, type FreshDatabase } from '../support/mariadb.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';

const server = mariaDbUrl();
/** Milliseconds in which the users of a killed process must be offline for the others. */
const EXPIRY = 20_000;

async function reportOf({ url }: TestServer, user: string): Promise<{ isOnline: boolean; lastSeen: number }> {
  const response = await fetch(`${url}/api/v1/presence/${user}`, {
    headers: { Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}` },
  });
  return (await response.json()) as { isOnline: boolean; lastSeen: number };
}

const told = (client: RawClient, user: string): Presence | undefined =>
  client
    .dataOf<{ users: Presence[] }>('presence.changed')
    .flatMap(({ users }) => users)
    .filter((each) => each.user === user)
    .at(-1);

describe('last seen', () => {
  it('is exact after a shutdown, and no more than a minute early after a kill', async () => {
    const node = await TestServer.start();
    try {
      const [amy, ben] = [await RawClient.connect(node, 'amy'), await RawClient.connect(node, 'ben')];
      await expect.poll(async () => (await reportOf(node, 'amy')).isOnline).toBe(true);
      const closedAt = Date.now();
      await ben.close();
      await node.signal('SIGTERM');
      const stoppedAt = Date.now();
      await node.restart();
      const seen = await Promise.all(['amy', 'ben'].map((user) => reportOf(node, user)));
      expect(seen.map(({ isOnline }) => isOnline)).toEqual([false, false]);
      for (const { lastSeen } of seen) {
        expect(lastSeen).toBeGreaterThanOrEqual(closedAt);
        expect(lastSeen).toBeLessThanOrEqual(stoppedAt);
      }
      await amy.close();
      const again = await RawClient.connect(node, 'amy');
      const connectedAt = Date.now();
      // Looked at once a second, and then written.
      await again.call('presence.subscribe', { users: ['ben'] });
      const touched = async () =>
        /presence_statements_total\{kind="write"\} (\d+)/.exec(await metricsOf(node))?.[1];
      await expect
        .poll(async () => Number((await touched()) ?? 0), { timeout: 5000 })
        .toBeGreaterThanOrEqual(1);
      await node.kill();
      const killedAt = Date.now();
      await node.restart();
      const { lastSeen } = await reportOf(node, 'amy');
      expect(lastSeen).toBeGreaterThan(Math.min(connectedAt - 1000, killedAt - 61_000));
    } finally {
      await node.stop();
    }
  });
});

async function metricsOf({ url }: TestServer): Promise<string> {
  return (await fetch(`${url}/metrics`)).text();
}

describe.skipIf(server === undefined)('two nodes on one database', () => {
  let database: FreshDatabase;
  const nodes: TestServer[] = [];

  beforeAll(async () => {
    database = await freshDatabase(server ?? '');
    const env = { PRESENCE_STORE: 'database' };
    for (let index = 0; index < 2; index++)
      nodes.push(await TestServer.start({ databaseUrl: database.url, env }));
  });
  afterAll(async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await database?.drop();
  });

  it('see one another’s users, and those of a killed node as gone within 20 seconds', async () => {
    const [here, there] = nodes as [TestServer, TestServer];
    const watcher = await RawClient.connect(here, 'amy');
    await watcher.call('presence.subscribe', { users: ['ben', 'cid'] });
    const ben = await RawClient.connect(there, 'ben', { query: { platform: 'ios' } });
    await watcher.until(() => told(watcher, 'ben')?.state === 'online');
    expect(told(watcher, 'ben')).toEqual({ user: 'ben', state: 'online', platforms: ['ios'] });
    expect(await reportOf(here, 'ben')).toMatchObject({ isOnline: true });
    await ben.call('presence.set', { state: 'busy' });
    await watcher.until(() => told(watcher, 'ben')?.state === 'busy');
    const cid = await RawClient.connect(there, 'cid');
    await watcher.until(() => told(watcher, 'cid')?.state === 'online');
    await cid.close();
    await watcher.until(() => told(watcher, 'cid')?.state === 'offline');

    await there.kill();
    const killedAt = Date.now();
    await watcher.until(() => told(watcher, 'ben')?.state === 'offline', EXPIRY);
    const took = Date.now() - killedAt;
    console.log(`users of a killed node were offline after ${(took / 1000).toFixed(1)} s`);
    expect(took).toBeLessThanOrEqual(EXPIRY);
    expect(await reportOf(here, 'ben')).toMatchObject({ isOnline: false });
    await there.restart();
    await RawClient.connect(there, 'ben');
    await watcher.until(() => told(watcher, 'ben')?.state === 'busy');
    await watcher.close();
  });
});
