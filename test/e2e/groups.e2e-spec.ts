import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, GroupChange } from '@rookery/protocol';
import { api, type ApiCall } from '../support/api.js';
import { CommandError, RawClient, type ConnectOptions } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';

describe.each(stores())('groups on $name', ({ open }) => {
  let store: FreshStore;
  let server: TestServer;
  let clients: RawClient[] = [];
  let made = 0;

  beforeAll(async () => {
    store = await open();
    server = await TestServer.start({ databaseUrl: store.databaseUrl });
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  });
  afterAll(async () => {
    await server.stop();
    await store.dispose();
  });

  const connect = async (user: string, options?: ConnectOptions): Promise<RawClient> => {
    const client = await RawClient.connect(server, user, options);
    clients.push(client);
    await client.event('chat.synced');
    return client;
  };
  const rest = (method: string, path: string, call?: ApiCall) =>
    api(server, method, `/api/v1/groups${path}`, call);
  const idOf = (name: string) => `${name}-${++made}`;
  /** A group of these, the first its owner, all of them connected. */
  const groupOf = async (users: string[], settings: object = {}): Promise<[string, ...RawClient[]]> => {
    const id = idOf('team');
    const all = await Promise.all(users.map((user) => connect(user)));
    const [owner, ...others] = all as [RawClient, ...RawClient[]];
    await owner.call('group.create', { id, name: 'Team', visibility: 'open', ...settings });
    for (const other of others) {
      await owner.call('group.invite', { conversation: id, users: [other.user] });
      await other.call('group.accept', { conversation: id });
    }
    return [id, ...all];
  };
  const say = (client: RawClient, conversation: string, content = 'x') =>
    client.call('chat.send', { conversation, kind: 'text', content });
  const codeOf = (call: Promise<unknown>): Promise<string> =>
    call.then(
      () => 'ok',
      (error: CommandError) => error.data.code,
    );
  const changes = (client: RawClient, id: string) =>
    client.dataOf<GroupChange>('group.changed').filter(({ conversation }) => conversation === id);
  const heard = (client: RawClient, id: string) =>
    client.dataOf<ChatMessage>('chat.message').filter(({ conversation }) => conversation === id);

  describe('making one', () => {
    it('makes the maker its owner and member, and he may write', async () => {
      const ann = await connect('ann');
      const id = idOf('G');
      const group = await ann.call('group.create', { id, name: 'Lunch', visibility: 'open' });
      expect(group).toEqual({
        id,
        name: 'Lunch',
        visibility: 'open',
        history: 'joined',
        slowMode: 0,
        muteAll: false,
        requests: false,
        invite: 'members',
        pin: 'admins',
        owner: 'ann',
        members: 1,
        created: expect.any(Number),
        relation: 'member',
        role: 'owner',
        seq: 1,
        time: expect.any(Number),
        duplicate: false,
      });
      expect(changes(ann, id)).toEqual([
        {
          conversation: id,
          seq: 1,
          id: `${id}#1`,
          time: group.time,
          by: 'ann',
          change: 'created',
          set: { name: 'Lunch', visibility: 'open' },
        },
      ]);
      expect(await say(ann, id)).toMatchObject({ conversation: id, seq: 2, duplicate: false });
      const { conversations } = await ann.call('chat.sync', {});
      expect(conversations[0]).toMatchObject({
        conversation: id,
        kind: 'group',
        name: 'Lunch',
        role: 'owner',
        head: 2,
      });
    });

    it('is answered 201 over REST, 409 for a taken id, and the same again for the same key', async () => {
      const id = idOf('G');
      const body = { id, name: 'Lunch', visibility: 'private' };
      const first = await rest('POST', '', { user: 'ann', body, key: 'k1' });
      expect(first).toMatchObject({
        status: 201,
        json: { id, name: 'Lunch', role: 'owner', duplicate: false },
      });
      const again = await rest('POST', '', { user: 'ann', body, key: 'k1' });
      expect(again).toEqual({ status: 201, json: { ...first.json, duplicate: true } });
      const conflict = { status: 409, json: { code: 'conflict', retryable: false } };
      expect(await rest('POST', '', { user: 'ann', body })).toMatchObject(conflict);
      expect(await rest('POST', '', { user: 'ben', body, key: 'k1' })).toMatchObject(conflict);
      expect(
        await rest('POST', '', { user: 'ann', body: { ...body, name: 'Tea' }, key: 'k1' }),
      ).toMatchObject(conflict);
    });

    it('makes an id when none is given, and finds it again by the key', async () => {
      const body = { name: 'Lunch', visibility: 'open' };
      const one = await rest('POST', '', { user: 'ann', body, key: 'lost-answer' });
      const again = await rest('POST', '', { user: 'ann', body, key: 'lost-answer' });
      expect([one.status, again.json.id, again.json.duplicate]).toEqual([201, one.json.id, true]);
      const others = await Promise.all([
        rest('POST', '', { user: 'ann', body }),
        rest('POST', '', { user: 'ben', body, key: 'lost-answer' }),
      ]);
      expect(new Set([one, ...others].map(({ json }) => json.id)).size).toBe(3);
    });

    it('gives a contested id to one of those who want it', async () => {
      const id = idOf('G');
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, n) =>
          rest('POST', '', { user: `rival${n}`, body: { id, name: `of ${n}`, visibility: 'open' } }),
        ),
      );
      expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
    });

    it.each([
      ['a colon', 'dm:a:b'],
      ['nothing', ''],
      ['too much', 'x'.repeat(65)],
      ['a control character', 'a\nb'],
      ['a space at an end', 'a '],
    ])('refuses %s as id', async (_what, id) => {
      const body = { id, name: 'Lunch', visibility: 'open' };
      expect(await rest('POST', '', { user: 'ann', body })).toMatchObject({
        status: 400,
        json: { code: 'invalid', details: [{ field: 'id' }] },
      });
    });
  });

  describe('joining, writing and leaving', () => {
    it('brings a message to every device of every member and to nobody else', async () => {
      const [id, ann, ben] = await groupOf(['ann', 'ben']);
      const [tablet, eve] = [await connect('ben'), await connect('eve')];
      const sent = await say(ann!, id, 'hello');
      for (const device of [ben!, tablet])
        await device.until(() => heard(device, id).some(({ seq }) => seq === sent.seq));
      expect(heard(ben!, id)[0]).toMatchObject({
        from: 'ann',
        kind: 'text',
        content: 'hello',
        seq: sent.seq,
      });
      await Promise.all([ann!.call('ping'), eve.call('ping')]);
      expect([heard(ann!, id), heard(eve, id)]).toEqual([[], []]);
    });

    it('lets anybody join an open group, over REST as well, from his own entry on', async () => {
      const [id, ann] = await groupOf(['ann']);
      await say(ann!, id, 'before');
      const ben = await connect('ben');
      expect(await codeOf(say(ben, id))).toBe('not_found');
      const joined = await rest('POST', `/${id}/join`, { user: 'ben' });
      expect(joined).toMatchObject({ status: 200, json: { conversation: id, seq: 3, duplicate: false } });
      await say(ann!, id, 'after');
      await ben.until(() => heard(ben, id).length === 1);
      expect(changes(ben, id)).toMatchObject([{ seq: 3, change: 'joined', by: 'ben', users: ['ben'] }]);
      const { messages, head } = await ben.call('chat.history', { conversation: id });
      expect([messages.map(({ seq }) => seq), head]).toEqual([[3, 4], 4]);
      expect(await codeOf(ben.call('group.join', { conversation: id }))).toBe('conflict');
    });

    it('shows everything to who joins a group that says so, and calls nothing of it unread', async () => {
      const [id, ann] = await groupOf(['ann'], { history: 'all' });
      await say(ann!, id, 'before');
      const ben = await connect('ben');
      await ben.call('group.join', { conversation: id });
      const { messages } = await ben.call('chat.history', { conversation: id });
      expect(messages.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      const { conversations } = await ben.call('chat.sync', {});
      expect(conversations[0]).toMatchObject({ conversation: id, head: 3, read: 2 });
    });

    it('ends with the entry of leaving: live, in the history and in the list', async () => {
      const [id, ann, ben] = await groupOf(['ann', 'ben']);
      await say(ann!, id, 'one');
      const left = await ben!.call('group.leave', { conversation: id });
      await ann!.call('group.update', { conversation: id, name: 'Renamed' });
      await say(ann!, id, 'two');
      await ben!.call('ping');
      expect(changes(ben!, id).at(-1)).toMatchObject({ seq: left.seq, change: 'left', users: ['ben'] });
      expect(heard(ben!, id).map(({ content }) => content)).toEqual(['one']);
      const { messages, head } = await ben!.call('chat.history', { conversation: id });
      expect([messages.at(-1)?.seq, head]).toEqual([left.seq, left.seq]);
      const { conversations } = await ben!.call('chat.sync', {});
      const item = conversations.find(({ conversation }) => conversation === id);
      expect(item).toMatchObject({ left: true, name: 'Team', head: left.seq });
      expect(item).not.toHaveProperty('role');
      expect(await codeOf(say(ben!, id))).toBe('not_found');
    });

    it('ends for who is removed with the entry that removes him', async () => {
      const [id, ann, ben] = await groupOf(['ann', 'ben']);
      const removed = await ann!.call('group.remove', { conversation: id, users: ['ben'] });
      await say(ann!, id, 'in private');
      await ben!.until(() => changes(ben!, id).some(({ change }) => change === 'removed'));
      const again = await connect('ben', { query: { device: 'new' } });
      expect(changes(again, id).map(({ change }) => change)).toEqual(['joined', 'removed']);
      expect([heard(ben!, id), heard(again, id)]).toEqual([[], []]);
      expect(await codeOf(ben!.call('chat.read', { conversation: id, seq: removed.seq + 1 }))).toBe(
        'invalid',
      );
    });

    it('dissolves the group with its last member', async () => {
      const [id, ann] = await groupOf(['ann']);
      await ann!.call('group.leave', { conversation: id });
      expect(await codeOf(ann!.call('group.join', { conversation: id }))).toBe('not_found');
      expect(await codeOf(ann!.call('group.get', { conversation: id }))).toBe('not_found');
      const body = { id, name: 'Again', visibility: 'open' };
      expect(await rest('POST', '', { user: 'ben', body })).toMatchObject({ status: 409 });
    });
  });
});
