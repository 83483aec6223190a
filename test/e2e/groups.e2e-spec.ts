import { describe, expect, it } from 'vitest';
import type { ChatMessage, CommandName, GroupChange, GroupInvitation } from '@rookery/protocol';
import { api, type ApiCall } from '../support/api.js';
import { CommandError, RawClient, tokenFor, type ConnectOptions } from '../support/raw-client.js';
import { stores } from '../support/stores.js';
import { useServer } from '../support/use-server.js';

describe.each(stores())('groups on $name', ({ open }) => {
  let made = 0;
  const stage = useServer({ open });

  const connect = async (user: string, options?: ConnectOptions): Promise<RawClient> => {
    const client = await stage.connect(user, options);
    await client.event('chat.synced');
    return client;
  };
  const rest = (method: string, path: string, call?: ApiCall) =>
    api(stage.server, method, `/api/v1/groups${path}`, call);
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

  describe('running one', () => {
    const administrator = () => connect('root', { token: tokenFor('root', { role: 'admin' }) });
    /** A call of one name over either wire: the answers are the same. */
    const commands: [CommandName, string, string, object][] = [
      ['group.update', 'PATCH', '', { name: 'New' }],
      ['group.join', 'POST', '/join', {}],
      ['group.leave', 'POST', '/leave', {}],
      ['group.invite', 'POST', '/invite', { users: ['new'] }],
      ['group.accept', 'POST', '/accept', {}],
      ['group.decline', 'POST', '/decline', {}],
      ['group.request', 'POST', '/request', {}],
      ['group.approve', 'POST', '/approve', { users: ['new'] }],
      ['group.reject', 'POST', '/reject', { users: ['new'] }],
      ['group.remove', 'POST', '/remove', { users: ['mia'] }],
      ['group.ban', 'POST', '/ban', { users: ['mia'] }],
      ['group.unban', 'POST', '/unban', { users: ['mia'] }],
      ['group.role', 'POST', '/role', { user: 'mia', role: 'admin' }],
      ['group.transfer', 'POST', '/transfer', { user: 'mia' }],
      ['group.mute', 'POST', '/mute', { user: 'mia' }],
      ['group.unmute', 'POST', '/unmute', { user: 'mia' }],
      ['group.dissolve', 'DELETE', '', {}],
      ['group.get', 'GET', '', {}],
      ['group.members', 'GET', '/members', {}],
    ];

    it.each(commands)(
      '%s: a stranger is told of a private group what he is told of none',
      async (command, method, path, data) => {
        const [id] = await groupOf(['ann', 'mia'], { visibility: 'private' });
        const eve = await connect('eve');
        const refusals: unknown[] = [];
        for (const conversation of [
          id,
          'no-such-group',
          'dm:ann:mia',
          'inbox:ann',
          'broadcast:all',
          'x:y',
          'a\u0000b',
        ]) {
          const refusal = await eve
            .call(command as 'group.join', { conversation, ...data })
            .catch((error: CommandError) => error.data);
          const rested = await rest(method, `/${encodeURIComponent(conversation)}${path}`, {
            user: 'eve',
            body: method === 'GET' || Object.keys(data).length === 0 ? undefined : data,
          });
          refusals.push(refusal, { ...rested.json, statusCode: undefined, requestId: undefined });
        }
        const notFound = { code: 'not_found', message: 'Not found', retryable: false };
        expect(refusals).toEqual(refusals.map(() => notFound));
      },
    );

    it('runs over REST as over the socket, each change told to every member', async () => {
      const [id, , mia] = await groupOf(['ann', 'mia', 'tom'], { visibility: 'private', requests: true });
      const steps: [string, string, string, object | undefined, object][] = [
        [
          'ann',
          'PATCH',
          '',
          { name: 'New', description: 'd' },
          { change: 'updated', set: { name: 'New', description: 'd' } },
        ],
        [
          'ann',
          'POST',
          '/role',
          { user: 'mia', role: 'admin' },
          { change: 'role', users: ['mia'], role: 'admin' },
        ],
        [
          'mia',
          'POST',
          '/mute',
          { user: 'tom', until: 4e12 },
          { change: 'muted', users: ['tom'], until: 4e12 },
        ],
        ['mia', 'POST', '/unmute', { user: 'tom' }, { change: 'unmuted', users: ['tom'] }],
        ['mia', 'POST', '/remove', { users: ['tom'] }, { change: 'removed', users: ['tom'] }],
        ['mia', 'POST', '/ban', { users: ['tom'] }, { change: 'banned', users: ['tom'] }],
        ['mia', 'POST', '/unban', { users: ['tom'] }, { change: 'unbanned', users: ['tom'] }],
        ['tom', 'POST', '/request', undefined, { change: 'requested', users: ['tom'] }],
        ['mia', 'POST', '/reject', { users: ['tom'] }, { change: 'rejected', users: ['tom'] }],
        ['ann', 'POST', '/invite', { users: ['tom', 'zoe'] }, { change: 'invited', users: ['tom', 'zoe'] }],
        ['tom', 'POST', '/accept', undefined, { change: 'joined', users: ['tom'] }],
        ['zoe', 'POST', '/decline', undefined, { change: 'declined', users: ['zoe'] }],
        ['zoe', 'POST', '/request', undefined, { change: 'requested', users: ['zoe'] }],
        ['mia', 'POST', '/approve', { users: ['zoe'] }, { change: 'joined', users: ['zoe'] }],
        ['ann', 'POST', '/transfer', { user: 'mia' }, { change: 'transferred', users: ['mia'] }],
        ['ann', 'POST', '/leave', undefined, { change: 'left', users: ['ann'] }],
        ['mia', 'DELETE', '', undefined, { change: 'dissolved' }],
      ];
      const before = changes(mia!, id).length;
      for (const [user, method, path, body, expected] of steps) {
        const { status, json } = await rest(method, `/${id}${path}`, { user, body });
        expect([method, path, status]).toEqual([method, path, 200]);
        await mia!.until(() => changes(mia!, id).some(({ seq }) => seq === json.seq));
        expect(changes(mia!, id).at(-1)).toEqual({
          conversation: id,
          seq: json.seq,
          id: json.id,
          time: json.time,
          by: user,
          ...expected,
        });
      }
      expect(changes(mia!, id)).toHaveLength(before + steps.length);
      expect(await codeOf(say(mia!, id))).toBe('refused');
      expect(await codeOf(mia!.call('group.leave', { conversation: id }))).toBe('ok');
    });

    it('does a repeated client id once, whoever has come or gone since', async () => {
      const [id, ann, ben] = await groupOf(['ann', 'ben']);
      const leave = { conversation: id, clientId: 'leaving' };
      const left = await ben!.call('group.leave', leave);
      expect(await ben!.call('group.leave', leave)).toEqual({ ...left, duplicate: true });
      const again = await rest('POST', `/${id}/leave`, { user: 'ben', key: 'leaving' });
      expect(again).toEqual({ status: 200, json: { ...left, duplicate: true } });
      expect(await codeOf(ann!.call('group.remove', { conversation: id, users: ['ben'] }))).toBe('not_found');
    });

    it('tells the invited in his inbox, also when he was away, once for one invitation', async () => {
      const [id, ann] = await groupOf(['ann'], { visibility: 'private' });
      const away = idOf('away');
      const invite = { conversation: id, users: [away], clientId: 'i1' };
      const { time, seq } = await ann!.call('group.invite', invite);
      expect(await ann!.call('group.invite', invite)).toMatchObject({ seq, duplicate: true });
      await ann!.call('group.update', { conversation: id, name: 'Renamed' });
      expect(await ann!.call('group.invite', invite)).toMatchObject({ seq, duplicate: true });
      const late = await connect(away);
      const told = late.dataOf<GroupInvitation>('group.invited');
      expect(told).toEqual([
        {
          conversation: `inbox:${away}`,
          seq: 1,
          id: `inbox:${away}#1`,
          time: expect.any(Number),
          group: id,
          name: 'Team',
          by: 'ann',
          until: time + 604_800_000,
        },
      ]);
      expect(await late.call('group.list', { relation: 'invited' })).toMatchObject({
        groups: [{ id, name: 'Renamed', relation: 'invited' }],
        next: null,
      });
      expect(await late.call('group.get', { conversation: id })).toMatchObject({ id, relation: 'invited' });
      await late.call('group.accept', { conversation: id });
      expect(await late.call('group.list', {})).toMatchObject({
        groups: [{ id, role: 'member', members: 2 }],
      });
      expect(await late.call('group.list', { relation: 'invited' })).toEqual({ groups: [], next: null });
    });

    it('answers an invitation by somebody blocked like any other, and nobody is told', async () => {
      const [id, ann] = await groupOf(['ann'], { visibility: 'private' });
      const shy = await connect(idOf('shy'));
      await shy.call('contact.block', { user: 'ann' });
      const invite = { conversation: id, users: [shy.user] };
      expect(await ann!.call('group.invite', invite)).toMatchObject({ duplicate: false });
      expect(await shy.call('group.list', { relation: 'invited' })).toEqual({ groups: [], next: null });
      expect(await codeOf(shy.call('group.accept', { conversation: id }))).toBe('not_found');
      expect(await codeOf(shy.call('group.get', { conversation: id }))).toBe('not_found');
      const later = await connect(shy.user, { query: { device: 'later' } });
      expect([...shy.dataOf('group.invited'), ...later.dataOf('group.invited')]).toEqual([]);
      const { members } = await ann!.call('group.members', { conversation: id, relation: 'invited' });
      expect(members).toMatchObject([{ user: shy.user, relation: 'invited', invitedBy: 'ann' }]);
    });

    it('makes a thousand users members as one entry, for administrators of the server only', async () => {
      const root = await administrator();
      const id = idOf('big');
      await root.call('group.create', { id, name: 'Big', visibility: 'private' });
      const users = Array.from({ length: 1000 }, (_, n) => `u${String(n).padStart(4, '0')}`);
      const [first, mallory] = await Promise.all([connect('u0000'), connect('mallory')]);
      expect(await codeOf(mallory.call('group.add', { conversation: id, users: ['mallory'] }))).toBe(
        'forbidden',
      );
      expect(await rest('POST', `/${id}/members`, { user: 'mallory', body: { users } })).toMatchObject({
        status: 403,
      });
      const { json } = await rest('POST', `/${id}/members`, { user: 'root', role: 'admin', body: { users } });
      expect(json).toMatchObject({ seq: 2 });
      await first.until(() => changes(first, id).length === 1);
      expect(changes(first, id)[0]?.users).toEqual(users);
      expect(await root.call('group.get', { conversation: id })).toMatchObject({ members: 1001 });
      const seen: string[] = [];
      let cursor: string | undefined;
      do {
        const page = await first.call('group.members', { conversation: id, limit: 200, cursor });
        seen.push(...page.members.map(({ user }) => user));
        cursor = page.next ?? undefined;
      } while (cursor);
      expect(seen).toEqual(['root', ...users].sort());
      const found = await rest('GET', `/${id}/members?prefix=u001`, { user: 'u0000' });
      expect(found.json.members.map(({ user }: { user: string }) => user)).toEqual(users.slice(10, 20));
      expect(found.json.members[0]).toEqual({ user: 'u0010', relation: 'member', role: 'member' });
      for (const [cursor, from, to] of [
        ['u0015', 16, 20],
        ['u0', 10, 20],
        ['u002', 20, 20],
      ] as const) {
        const { members } = await first.call('group.members', { conversation: id, prefix: 'u001', cursor });
        expect([cursor, members.map(({ user }) => user)]).toEqual([cursor, users.slice(from, to)]);
      }
      expect(await codeOf(root.call('group.add', { conversation: id, users: ['u0001'] }))).toBe('conflict');
    });

    it('shows who is invited, has asked or is banned to owner and admins only', async () => {
      const [id, ann, mia] = await groupOf(['ann', 'mia'], { visibility: 'private', requests: true });
      await ann!.call('group.ban', { conversation: id, users: ['bad'] });
      await ann!.call('group.invite', { conversation: id, users: ['new'] });
      await (await connect('asks')).call('group.request', { conversation: id });
      const listed = async (relation: 'invited' | 'requested' | 'banned') => {
        const { members } = await ann!.call('group.members', { conversation: id, relation });
        expect(await codeOf(mia!.call('group.members', { conversation: id, relation }))).toBe('forbidden');
        return members.map(({ user }) => user);
      };
      expect([await listed('invited'), await listed('requested'), await listed('banned')]).toEqual([
        ['new'],
        ['asks'],
        ['bad'],
      ]);
    });

    it('slows members down, and mutes them', async () => {
      const [id, ann, ben] = await groupOf(['ann', 'ben'], { slowMode: 3600 });
      await say(ben!, id);
      const refusal = await say(ben!, id).catch((error: CommandError) => error.data);
      expect(refusal).toMatchObject({
        code: 'rate_limited',
        retryable: true,
        retryAfter: expect.any(Number),
      });
      expect([await codeOf(say(ann!, id)), await codeOf(say(ann!, id))]).toEqual(['ok', 'ok']);
      await ann!.call('group.update', { conversation: id, slowMode: 0, muteAll: true });
      expect([await codeOf(say(ben!, id)), await codeOf(say(ann!, id))]).toEqual(['refused', 'ok']);
      await ann!.call('group.update', { conversation: id, muteAll: false });
      const until = Date.now() + 3_600_000;
      await ann!.call('group.mute', { conversation: id, user: 'ben', until });
      expect(await codeOf(say(ben!, id))).toBe('refused');
      expect(await ben!.call('group.get', { conversation: id })).toMatchObject({ mutedUntil: until });
      await ann!.call('group.unmute', { conversation: id, user: 'ben' });
      expect(await codeOf(say(ben!, id))).toBe('ok');
    });
  });
});
