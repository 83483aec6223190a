import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { GroupInvitation } from '@rookery/protocol';
import { CommandError, RawClient } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

/** Seconds that an invitation is good for. */
const TTL = 1;

describe.each(stores())('invitations that have expired, on $name', ({ open }) => {
  let store: FreshStore;
  let server: TestServer;
  let clients: RawClient[] = [];
  let made = 0;

  beforeAll(async () => {
    store = await open();
    server = await TestServer.start({
      databaseUrl: store.databaseUrl,
      env: { GROUP_INVITE_TTL: String(TTL) },
    });
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  });
  afterAll(async () => {
    await server.stop();
    await store.dispose();
  });

  const connect = async (user: string): Promise<RawClient> => {
    const client = await RawClient.connect(server, user);
    clients.push(client);
    await client.event('chat.synced');
    return client;
  };
  const group = async (owner: RawClient, settings: object): Promise<string> => {
    const id = `team-${++made}`;
    await owner.call('group.create', { id, name: 'Team', visibility: 'private', ...settings });
    return id;
  };
  const codeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'ok',
      (error: CommandError) => error.data.code,
    );
  /** Resolves when the clock of this machine, which is the server's, has reached it. */
  const passed = (time: number): Promise<void> =>
    new Promise((resolve) => setTimeout(resolve, Math.max(0, time - Date.now()) + 5));
  const invitedTo = async (user: RawClient): Promise<string[]> =>
    (await user.call('group.list', { relation: 'invited' })).groups.map(({ id }) => id);

  it('let nobody into a private group, which is hidden again, and can be given anew', async () => {
    const [ann, ben] = [await connect('ann'), await connect('ben')];
    const conversation = await group(ann, {});
    const invite = () => ann.call('group.invite', { conversation, users: ['ben'] });
    await invite();
    const { until } = (await ben.event('group.invited')).data as GroupInvitation;
    expect(await invitedTo(ben)).toEqual([conversation]);
    await passed(until);
    for (const command of ['group.accept', 'group.join', 'group.decline', 'group.get'] as const)
      expect([command, await codeOf(ben.call(command, { conversation }))]).toEqual([command, 'not_found']);
    expect(await invitedTo(ben)).toEqual([]);
    await invite();
    expect(await codeOf(ben.call('group.accept', { conversation }))).toBe('ok');
    const { members } = await ann.call('group.members', { conversation });
    expect(members.map(({ user }) => user)).toEqual(['ann', 'ben']);
  });

  it('are not listed any more where the group itself can be seen', async () => {
    const [cleo, dan] = [await connect('cleo'), await connect('dan')];
    const [hall, desk] = [await group(cleo, { visibility: 'open' }), await group(cleo, { requests: true })];
    for (const conversation of [hall, desk])
      await cleo.call('group.invite', { conversation, users: ['dan'] });
    expect(await invitedTo(dan)).toEqual([hall, desk].sort());
    await passed(Date.now() + TTL * 1000);
    expect(await invitedTo(dan)).toEqual([]);
    for (const conversation of [hall, desk])
      expect((await dan.call('group.get', { conversation })).relation).toBe('none');
    expect(await codeOf(dan.call('group.join', { conversation: desk }))).toBe('refused');
    expect(await codeOf(dan.call('group.join', { conversation: hall }))).toBe('ok');
  });

  it('from somebody who is blocked are in no list, also for a group that can be seen', async () => {
    const [eve, fay] = [await connect('eve'), await connect('fay')];
    const conversation = await group(eve, { visibility: 'open' });
    await fay.call('contact.block', { user: 'eve' });
    await eve.call('group.invite', { conversation, users: ['fay'] });
    expect(await invitedTo(fay)).toEqual([]);
  });
});
