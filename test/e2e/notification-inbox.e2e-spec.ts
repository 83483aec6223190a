import { describe, expect, it } from 'vitest';
import type {
  InboxItem,
  NotificationChange,
  NotificationMessage,
  NotificationWithdrawal,
} from '@rookery/protocol';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { stores } from '../support/stores.js';
import { useServer } from '../support/use-server.js';

describe.each(stores())('notifications of users on $name', ({ open }) => {
  let users = 0;
  const stage = useServer({ open });

  /** Nobody shares what was told to another test but the channel. */
  const newUser = (): string => `user${++users}`;
  const connect = async (
    user: string,
    options: { roles?: string[]; device?: string } = {},
  ): Promise<RawClient> => {
    const { roles, device } = options;
    const client = await stage.connect(user, {
      token: tokenFor(user, { roles }),
      query: device ? { device } : {},
    });
    await client.event('chat.synced');
    return client;
  };
  const root = () => connect('root', { roles: ['admin'] });
  const rest = async (user: string, method: string, path: string, body?: unknown, roles: string[] = []) => {
    const response = await fetch(`${stage.server.url}/api/v1/notifications${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${tokenFor(user, { roles })}`,
        ...(body !== undefined && { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, json: text === '' ? undefined : (JSON.parse(text) as any) };
  };
  const contents = (items: readonly object[]) => items.map((item) => (item as { content?: unknown }).content);
  const seen = (client: RawClient) => contents(client.dataOf<NotificationMessage>('notification.message'));
  const listed = async (client: RawClient, data = {}) =>
    contents((await client.call('notification.list', data)).notifications);

  describe('a broadcast to a role', () => {
    it('is pushed to who has it, and nobody else finds it anywhere', async () => {
      const [driver, other] = [newUser(), newUser()];
      const [admin, there, stranger] = await Promise.all([
        root(),
        connect(driver, { roles: ['driver'] }),
        connect(other, { roles: ['clerk'] }),
      ]);
      const before = await stranger.call('notification.unread');
      const content = `for drivers ${driver}`;
      const stored = await admin.call('notification.broadcast', {
        type: 'shift',
        content,
        audience: { role: 'driver' },
      });
      await there.until(() => seen(there).includes(content));
      await admin.call('notification.broadcast', { type: 'shift', content: `all ${driver}` });
      await stranger.until(() => seen(stranger).includes(`all ${driver}`));
      expect(seen(stranger)).not.toContain(content);
      expect(await listed(there)).toContain(content);
      expect(await listed(stranger)).not.toContain(content);
      expect(await stranger.call('notification.unread')).toEqual({ count: before.count + 1, more: false });
      const history = { conversation: 'broadcast:all', after: stored.seq - 1 };
      expect(contents((await there.call('chat.history', history)).messages)).toContain(content);
      expect(contents((await stranger.call('chat.history', history)).messages)).not.toContain(content);
      const refused = stranger.call('notification.read', { ids: [stored.id] });
      await expect(refused).rejects.toMatchObject({ data: { code: 'not_found' } });
      expect(contents((await rest(driver, 'GET', '', undefined, ['driver'])).json.notifications)).toContain(
        content,
      );
      expect(contents((await rest(driver, 'GET', '')).json.notifications)).not.toContain(content);
    });

    it('is brought to who comes later, if he has the role then', async () => {
      const admin = await root();
      const content = `later ${newUser()}`;
      await admin.call('notification.broadcast', { type: 'shift', content, audience: { role: 'pilot' } });
      const [pilot, clerk] = [
        await connect(newUser(), { roles: ['pilot'] }),
        await connect(newUser(), { roles: ['clerk'] }),
      ];
      expect([seen(pilot).includes(content), seen(clerk).includes(content)]).toEqual([true, false]);
    });

    it('reaches who has got the role with a newer token, and no longer who has lost it', async () => {
      const admin = await root();
      const [rising, falling] = [newUser(), newUser()];
      const [up, down] = [await connect(rising), await connect(falling, { roles: ['cook'] })];
      await up.call('auth', { token: tokenFor(rising, { roles: ['cook'] }) });
      await down.call('auth', { token: tokenFor(falling) });
      const content = `cooks ${rising}`;
      await admin.call('notification.broadcast', { type: 'x', content, audience: { role: 'cook' } });
      await up.until(() => seen(up).includes(content));
      await down.call('ping');
      expect(seen(down)).not.toContain(content);
    });
  });

  it('a broadcast to users by name is for them, and one that expired for nobody', async () => {
    const [amy, ben] = [newUser(), newUser()];
    const [admin, a, b] = await Promise.all([root(), connect(amy), connect(ben)]);
    const content = `to ${amy}`;
    await admin.call('notification.broadcast', { type: 'x', content, audience: { users: [amy] } });
    const expiresAt = Date.now() + 700;
    await admin.call('notification.broadcast', {
      type: 'x',
      content: `short ${amy}`,
      expiresAt,
      priority: 'high',
    });
    await b.until(() => seen(b).includes(`short ${amy}`));
    expect(seen(b)).not.toContain(content);
    expect(seen(a)).toContain(content);
    const short = b
      .dataOf<NotificationMessage>('notification.message')
      .find((each) => each.expiresAt === expiresAt);
    expect(short).toMatchObject({ priority: 'high' });
    await expect.poll(() => listed(b)).not.toContain(`short ${amy}`);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt);
    const late = await connect(newUser());
    expect(seen(late)).not.toContain(`short ${amy}`);
    const past = admin.call('notification.broadcast', { type: 'x', content, expiresAt: 1 });
    await expect(past).rejects.toMatchObject({
      data: { code: 'invalid', details: [{ field: 'expiresAt' }] },
    });
  });

  describe('the list', () => {
    it('has the unread ones first, then the newest, in pages', async () => {
      const amy = newUser();
      const [admin, client] = await Promise.all([root(), connect(amy)]);
      await client.call('notification.readAll');
      for (let n = 1; n <= 7; n++) {
        if (n % 3 === 0) await admin.call('notification.broadcast', { type: 'x', content: `${amy} ${n}` });
        else await admin.call('notification.send', { to: amy, type: 'x', content: `${amy} ${n}` });
      }
      const first = await client.call('notification.list', { limit: 7 });
      const order = [7, 6, 5, 4, 3, 2, 1].map((n) => `${amy} ${n}`);
      expect(contents(first.notifications)).toEqual(order);
      const [six, two] = [first.notifications[1]!, first.notifications[5]!];
      expect(await client.call('notification.read', { ids: [six.id, two.id] })).toEqual({ changed: 2 });
      expect(await client.call('notification.read', { ids: [six.id] })).toEqual({ changed: 0 });
      expect(await client.call('notification.unread')).toEqual({ count: 5, more: false });
      const pages: InboxItem[] = [];
      for (let cursor: string | undefined; pages.length < 7;) {
        const page: { notifications: InboxItem[]; next: string | null } = await client.call(
          'notification.list',
          { limit: 2, cursor },
        );
        pages.push(...page.notifications);
        cursor = page.next ?? undefined;
      }
      const expected = [7, 5, 4, 3, 1, 6, 2].map((n) => `${amy} ${n}`);
      expect(contents(pages).slice(0, 7)).toEqual(expected);
      expect(pages.slice(0, 7).map(({ read }) => read)).toEqual([
        false,
        false,
        false,
        false,
        false,
        true,
        true,
      ]);
      expect(await listed(client, { unread: true })).toEqual(expected.slice(0, 5));
      await expect(client.call('notification.list', { cursor: 'nonsense' })).rejects.toMatchObject({
        data: { code: 'invalid', details: [{ field: 'cursor' }] },
      });
    });

    it('is the same on every device, also on one that was away', async () => {
      const amy = newUser();
      const [admin, phone] = await Promise.all([root(), connect(amy, { device: 'phone' })]);
      const laptop = await connect(amy, { device: 'laptop' });
      await laptop.close();
      const sent = await Promise.all(
        [1, 2, 3].map((n) => admin.call('notification.send', { to: amy, type: 'x', content: n })),
      );
      await phone.until(() => seen(phone).length >= 3);
      await phone.call('notification.read', { seqs: [sent[1]!.seq] });
      await phone.call('notification.delete', { seqs: [sent[0]!.seq] });
      const back = await connect(amy, { device: 'laptop' });
      expect(seen(back).filter((content) => typeof content === 'number')).not.toContain(1);
      expect(back.dataOf<NotificationChange>('notification.changed')).toMatchObject([
        { state: 'read', ids: [sent[1]!.id] },
        { state: 'deleted', ids: [sent[0]!.id] },
      ]);
      expect(phone.dataOf('notification.changed')).toEqual([]);
      expect(
        (await back.call('notification.list', { unread: true })).notifications.map(({ seq }) => seq),
      ).toContain(3);
      const history = await back.call('chat.history', { conversation: `inbox:${amy}` });
      expect(JSON.stringify(history.messages)).not.toContain('"content":1');
      await phone.call('notification.readAll');
      expect(await back.call('notification.unread')).toEqual({ count: 0, more: false });
      await back.until(() =>
        back
          .dataOf<{ conversation: string; kind: string }>('chat.receipt')
          .some(({ conversation, kind }) => kind === 'read' && conversation === `inbox:${amy}`),
      );
    });

    it('knows the key of what was deleted', async () => {
      const amy = newUser();
      const [admin, client] = await Promise.all([root(), connect(amy)]);
      const data = { to: amy, type: 'x', content: { b: 1, a: [2] }, clientId: 'k' };
      const { seq, id } = await admin.call('notification.send', data);
      expect(await client.call('notification.delete', { ids: [id] })).toEqual({ changed: 1 });
      const again = { ...data, content: { a: [2], b: 1 } };
      expect(await admin.call('notification.send', again)).toMatchObject({ seq, duplicate: true });
      const other = admin.call('notification.send', { ...data, content: 2 });
      await expect(other).rejects.toMatchObject({ data: { code: 'conflict' } });
    });

    it('loses a deleted broadcast for this user alone', async () => {
      const [amy, ben] = [newUser(), newUser()];
      const [admin, a, b] = await Promise.all([root(), connect(amy), connect(ben)]);
      const content = `news ${amy}`;
      const { id } = await admin.call('notification.broadcast', { type: 'x', content });
      await a.call('notification.delete', { ids: [id] });
      expect(await listed(a)).not.toContain(content);
      expect(await listed(b)).toContain(content);
      const { messages } = await a.call('chat.history', { conversation: 'broadcast:all' });
      expect(contents(messages)).not.toContain(content);
    });

    it.each([
      ['of another user', { ids: ['inbox:somebody#1'] }],
      ['that is not there', { seqs: [4711] }],
      ['of another kind', { ids: ['dm:a:b#1'] }],
      ['without a place', { ids: ['broadcast:all#x'] }],
    ])('answers not_found for one %s', async (_, names) => {
      const client = await connect(newUser());
      for (const command of ['notification.read', 'notification.delete'] as const)
        await expect(client.call(command, names)).rejects.toMatchObject({ data: { code: 'not_found' } });
    });
  });

  it('one that is withdrawn is gone for who has it, who comes later, and who asks', async () => {
    const [amy, ben] = [newUser(), newUser()];
    const [admin, a] = await Promise.all([root(), connect(amy)]);
    const withdraw = async (id: string, user = 'root', roles = ['admin']) =>
      (await rest(user, 'DELETE', `/../admin/notifications/${encodeURIComponent(id)}`, undefined, roles))
        .status;
    const data = { type: 'x', content: `wrong ${amy}`, clientId: `key-${amy}` };
    for (const send of [
      () => admin.call('notification.broadcast', data),
      () => admin.call('notification.send', { ...data, to: amy }),
    ]) {
      const { id, conversation, seq } = await send();
      await a.until(() =>
        a.dataOf<NotificationMessage>('notification.message').some((each) => each.id === id),
      );
      expect(await withdraw(id, amy, [])).toBe(403);
      expect([await withdraw(id), await withdraw(id)]).toEqual([204, 204]);
      await a.until(() =>
        a
          .dataOf<NotificationWithdrawal>('notification.withdrawn')
          .some((each) => each.conversation === conversation && each.withdrawn === seq),
      );
      expect(await send()).toMatchObject({ seq, duplicate: true });
    }
    const b = await connect(ben);
    for (const client of [a, b]) expect(await listed(client)).not.toContain(`wrong ${amy}`);
    expect(seen(b)).not.toContain(`wrong ${amy}`);
    for (const id of ['inbox:nobody#1', 'broadcast:all#99999', 'dm:a:b#1', 'x'])
      expect(await withdraw(id)).toBe(404);
  });

  it('REST does the same', async () => {
    const amy = newUser();
    const admin = await root();
    const [first, second] = await Promise.all(
      ['one', 'two'].map((content) => admin.call('notification.send', { to: amy, type: 'x', content })),
    );
    const device = await connect(amy);
    const { json } = await rest(amy, 'GET', '/unread');
    expect(await rest(amy, 'POST', '/read', { ids: [first!.id] })).toEqual({
      status: 200,
      json: { changed: 1 },
    });
    await device.event('notification.changed');
    expect((await rest(amy, 'GET', '/unread')).json).toEqual({ count: json.count - 1, more: false });
    expect(await rest(amy, 'DELETE', `/${encodeURIComponent(second!.id)}`)).toEqual({
      status: 200,
      json: { changed: 1 },
    });
    const page = await rest(amy, 'GET', '?limit=200');
    expect(contents(page.json.notifications)).toContain('one');
    expect(contents(page.json.notifications)).not.toContain('two');
    expect(await rest(amy, 'POST', '/read-all')).toEqual({ status: 204, json: undefined });
    expect((await rest(amy, 'GET', '/unread')).json).toEqual({ count: 0, more: false });
    expect((await rest(amy, 'GET', '?unread=true')).json).toEqual({ notifications: [], next: null });
    expect(await rest(amy, 'GET', '?limit=0')).toMatchObject({
      status: 400,
      json: { details: [{ field: 'limit' }] },
    });
    expect(await rest(amy, 'PUT', '/locale', { locale: 'zh-CN' })).toMatchObject({ status: 204 });
    expect(await rest(amy, 'PUT', '/locale', { locale: '../x' })).toMatchObject({ status: 400 });
  });
});
