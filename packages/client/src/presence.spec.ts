import type { Presence } from '@rookery/protocol';
import { describe, expect, it } from 'vitest';
import { Harness } from './testing/harness.js';

/** A client for which the server finds everybody online, and what it was told. */
async function listening() {
  const harness = await Harness.connected();
  const seen: Presence[] = [];
  const groups: unknown[] = [];
  harness.client.on('presence.changed', ({ users }) => seen.push(...users));
  harness.client.on('presence.group', (group) => groups.push(group));
  return { ...harness, harness, seen, groups };
}

describe('presence', () => {
  it('is asked once, answered like a change, and asked again on the next connection', async () => {
    const { harness, server, client, clock, seen } = await listening();
    client.subscribePresence(['ben', 'cleo']);
    client.subscribePresence(['ben']);
    await clock.advance(0);
    expect(seen.map(({ user, state }) => `${user} ${state}`)).toEqual(['ben online', 'cleo online']);
    client.unsubscribePresence(['cleo', 'nobody']);
    await harness.reconnect();
    expect(server.dataOf('presence.subscribe')).toEqual([{ users: ['ben', 'cleo'] }, { users: ['ben'] }]);
    expect(server.dataOf('presence.unsubscribe')).toEqual([{ users: ['cleo'] }]);
  });

  it('may be wanted before there is a connection', async () => {
    const harness = new Harness();
    harness.client.subscribePresence(Array.from({ length: 250 }, (_, at) => `user-${at}`));
    harness.client.watchGroup('rowers');
    await harness.connect();
    expect(harness.server.dataOf('presence.subscribe').map(({ users }) => users.length)).toEqual([200, 50]);
    expect(harness.server.dataOf('presence.watch')).toEqual([{ group: 'rowers' }]);
  });

  it('of a group tells how many are there, and who', async () => {
    const { client, clock, server, seen, groups } = await listening();
    client.watchGroup('rowers');
    client.watchGroup('rowers');
    await clock.advance(0);
    expect(groups).toEqual([{ group: 'rowers', online: 1 }]);
    expect(seen).toEqual([{ user: 'ben', state: 'online' }]);
    client.unwatchGroup('rowers');
    client.unwatchGroup('rowers');
    await clock.advance(0);
    expect(server.dataOf('presence.unwatch')).toEqual([{ group: 'rowers' }]);
  });

  it('that is refused is an error, and nothing more', async () => {
    const { harness, client, clock, server } = await listening();
    server.refuse = ({ type }) => (type === 'presence.watch' ? { code: 'not_found' } : undefined);
    client.watchGroup('foreign');
    await clock.advance(0);
    expect(harness.errors).toMatchObject([{ code: 'not_found' }]);
  });

  it('wanted by one user is not asked for another', async () => {
    let user = 'amy';
    const harness = new Harness({ token: async () => user });
    await harness.connect();
    harness.client.subscribePresence(['ben']);
    await harness.clock.advance(0);
    user = 'zoe';
    await harness.reconnect(4002);
    expect(harness.client.user).toBe('zoe');
    expect(harness.server.dataOf('presence.subscribe')).toHaveLength(1);
  });
});
