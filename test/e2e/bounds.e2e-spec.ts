import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BOUNDS } from '../../src/metrics/index.js';
import { RawClient } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';

const SEND_BUFFER = 65_536;
const UNREAD = 400;

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ env: { WS_SEND_BUFFER: String(SEND_BUFFER) } });
});
afterAll(() => server.stop());

async function readings(name: string): Promise<Record<string, number>> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const found = text.matchAll(new RegExp(`^${name}\\{\\w+="(\\w+)"\\} (\\S+)$`, 'gm'));
  return Object.fromEntries([...found].map(([, label, value]) => [label, Number(value)]));
}

describe('/metrics', () => {
  it('has every bound and its use, which is within it', async () => {
    const client = await RawClient.connect(server, 'amy');
    await client.call('chat.send', { to: 'ben', kind: 'text', content: 'Hello' });
    const [used, limits] = await Promise.all([
      readings('rookery_bound_used'),
      readings('rookery_bound_limit'),
    ]);
    expect(Object.keys(limits).sort()).toEqual(Object.keys(BOUNDS).sort());
    expect(Object.keys(used).sort()).toEqual(Object.keys(BOUNDS).sort());
    expect(Object.values(limits).every((limit) => limit > 0)).toBe(true);
    expect(Object.keys(limits).filter((name) => (used[name] ?? 0) > (limits[name] ?? 0))).toEqual([]);
    expect(used).toMatchObject({ sessions: 1, enrolled_users: 1, rate_addresses: 1 });
    await client.close();
  });

  it('shows who does not read, and that no more waits for him than may', async () => {
    const [writer, sleeper] = await Promise.all(
      ['writer', 'sleeper'].map((user) => RawClient.connect(server, user)),
    );
    if (!writer || !sleeper) throw new Error('not connected');
    sleeper.socket.pause();
    const content = 'x'.repeat(60_000);
    for (let sent = 0; sent < UNREAD && !(await readings('rookery_slow_connections'))['behind']; sent++)
      await writer.call('chat.send', { to: 'sleeper', kind: 'text', content });
    expect(await readings('rookery_slow_connections')).toEqual({ congested: 1, behind: 1 });
    const { send_buffer_bytes: waiting = 0 } = await readings('rookery_bound_used');
    expect(waiting).toBeGreaterThanOrEqual(SEND_BUFFER);
    // One message is taken while there is any room at all.
    expect(waiting).toBeLessThan(SEND_BUFFER + content.length + 1000);
    expect((await readings('rookery_buffered_bytes'))['send']).toBe(waiting);

    sleeper.socket.resume();
    await expect.poll(async () => readings('rookery_slow_connections')).toEqual({ congested: 0, behind: 0 });
    await Promise.all([writer.close(), sleeper.close()]);
  });
});
