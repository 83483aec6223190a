import { describe, expect, it } from 'vitest';
import type { NotificationMessage } from '@rookery/protocol';
import { api } from '../support/api.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { stores } from '../support/stores.js';
import { useServer } from '../support/use-server.js';

const NOTIFICATIONS = '/api/v1/admin/notifications';
const TEMPLATES = '/api/v1/admin/notification-templates';
const SCHEDULED = '/api/v1/admin/scheduled-notifications';
const WAIT = { timeout: 20_000, interval: 50 };

describe.each(stores())('publishing on $name', ({ open }) => {
  let users = 0;
  const stage = useServer({ open });

  const newUser = (): string => `user${++users}`;
  const connect = async (
    user: string,
    { roles, device }: { roles?: string[]; device?: string } = {},
  ): Promise<RawClient> => {
    const query: Record<string, string> = device ? { device } : {};
    const client = await stage.connect(user, { token: tokenFor(user, { roles }), query });
    await client.event('chat.synced');
    return client;
  };
  const admin = (method: string, path: string, body?: unknown, key?: string) =>
    api(stage.server, method, path, { user: 'root', role: 'admin', body, key });
  const publish = (body: object, key?: string) => admin('POST', NOTIFICATIONS, body, key);
  const template = (name: string, locale: string, content: unknown) =>
    admin('PUT', `${TEMPLATES}/${name}/${locale}`, { content });
  const seen = (client: RawClient) => client.dataOf<NotificationMessage>('notification.message');
  const contents = (client: RawClient) => seen(client).map(({ content }) => content);
  const got = (client: RawClient, id: string) =>
    client.until(() => seen(client).some((each) => each.id === id));

  it.each([
    [{ type: 'x', content: 1 }, 'to'],
    [{ to: 'amy', audience: 'all', type: 'x', content: 1 }, 'to'],
    [{ to: 'amy', type: 'x' }, 'content'],
    [{ to: 'amy', type: 'x', content: 1, template: { name: 'a' } }, 'content'],
    [{ to: 'amy', type: 'x', template: { name: 'no such' } }, 'template.name'],
    [{ to: 'amy', type: 'x', content: 1, at: -1 }, 'at'],
    [{ audience: { role: '' }, type: 'x', content: 1 }, 'audience.role'],
  ])('refuses %j, naming %s', async (body, field) => {
    expect(await publish(body)).toMatchObject({
      status: 400,
      json: { code: 'invalid', details: [{ field }] },
    });
  });

  it.each([
    ['POST', NOTIFICATIONS],
    ['GET', `${NOTIFICATIONS}/broadcast%3Aall%231/report`],
    ['GET', TEMPLATES],
    ['GET', `${TEMPLATES}/a`],
    ['PUT', `${TEMPLATES}/a/de`],
    ['DELETE', `${TEMPLATES}/a/de`],
    ['DELETE', `${TEMPLATES}/a`],
    ['GET', SCHEDULED],
    ['GET', `${SCHEDULED}/x`],
    ['DELETE', `${SCHEDULED}/x`],
  ])('%s %s is for administrators', async (method, path) => {
    expect((await api(stage.server, method, path)).status).toBe(401);
    expect((await api(stage.server, method, path, { user: 'amy' })).status).toBe(403);
  });

  it('tells a user and an audience once for a key, live and later', async () => {
    const [amy, ben] = [newUser(), newUser()];
    const [a, b] = [await connect(amy), await connect(ben)];
    const one = await publish({ to: amy, type: 'x', content: 'one', priority: 'high' }, `k1-${amy}`);
    expect(one).toMatchObject({
      status: 201,
      json: { conversation: `inbox:${amy}`, seq: 1, duplicate: false },
    });
    const all = await publish({ audience: { users: [amy] }, type: 'x', content: 'two' }, `k2-${amy}`);
    for (const [body, key, first] of [
      [{ to: amy, type: 'x', content: 'one', priority: 'high' }, `k1-${amy}`, one],
      [{ audience: { users: [amy] }, type: 'x', content: 'two' }, `k2-${amy}`, all],
    ] as const)
      expect(await publish(body, key)).toEqual({ status: 201, json: { ...first.json, duplicate: true } });
    await got(a, all.json.id);
    expect(contents(a)).toEqual(['one', 'two']);
    await b.call('ping');
    expect(contents(b)).not.toContain('two');
    const other = await publish({ to: amy, type: 'x', content: 'other' }, `k1-${amy}`);
    expect(other).toMatchObject({ status: 409, json: { code: 'conflict' } });
  });

  describe('a template', () => {
    it('is stored, replaced, listed and removed by name and language', async () => {
      expect((await template('crud', 'default', { title: 'Hi {{ who }}' })).status).toBe(200);
      expect((await template('crud', 'de-AT', { title: 'Servus {{ who }}' })).json).toMatchObject({
        name: 'crud',
        locale: 'de-at',
      });
      await template('crud', 'default', 'Hello {{ who }}');
      const { json } = await admin('GET', `${TEMPLATES}/crud`);
      expect(json.templates.map(({ locale, content }: never) => [locale, content])).toEqual([
        ['de-at', { title: 'Servus {{ who }}' }],
        ['default', 'Hello {{ who }}'],
      ]);
      const names: string[] = [];
      for (let cursor = ''; ;) {
        const page = (await admin('GET', `${TEMPLATES}?limit=1${cursor}`)).json;
        names.push(...page.templates.map(({ name, locale }: never) => `${name}/${locale}`));
        if (page.next === null) break;
        cursor = `&cursor=${encodeURIComponent(page.next)}`;
      }
      expect(names).toEqual(expect.arrayContaining(['crud/de-at', 'crud/default']));
      expect(new Set(names).size).toBe(names.length);
      expect((await admin('DELETE', `${TEMPLATES}/crud/de-at`)).status).toBe(204);
      expect((await admin('DELETE', `${TEMPLATES}/crud/de-at`)).status).toBe(404);
      expect((await admin('DELETE', `${TEMPLATES}/crud`)).status).toBe(204);
      expect((await admin('GET', `${TEMPLATES}/crud`)).status).toBe(404);
    });

    it.each([
      ['bad', 'default', '{{ a', 'content'],
      ['bad', 'default', "{% include '/etc/passwd' %}", 'content'],
      ['bad', 'd', 'x', 'locale'],
      ['bad%2Fname', 'default', 'x', 'name'],
      ['bad', 'default', 'x'.repeat(16_385), 'content'],
    ])('%s in %s is refused when it is none', async (name, locale, content, field) => {
      expect(await template(name, locale, content)).toMatchObject({
        status: 400,
        json: { code: 'invalid', details: [{ field }] },
      });
    });

    it('says it to each in the language closest to his, live, on return, in lists and histories', async () => {
      await template('order', 'default', { text: 'Order {{ id }} is {{ state }}' });
      await template('order', 'de', { text: 'Bestellung {{ id }}: {{ state }}' });
      await template('order', 'zh-hant', { text: '訂單 {{ id }}' });
      const [plain, german, chinese, late] = [newUser(), newUser(), newUser(), newUser()];
      const devices = new Map<string, RawClient>();
      for (const user of [plain, german, chinese]) devices.set(user, await connect(user));
      await devices.get(german)!.call('notification.locale', { locale: 'de-CH' });
      const set = { user: chinese, body: { locale: 'zh-Hant-TW' } };
      expect((await api(stage.server, 'PUT', '/api/v1/notifications/locale', set)).status).toBe(204);
      await api(stage.server, 'PUT', '/api/v1/notifications/locale', { user: late, body: { locale: 'de' } });
      const use = { name: 'order', data: { id: 42, state: 'paid' } };
      const { json } = await publish({ audience: 'all', type: 'order', template: use });
      const own = (await publish({ to: german, type: 'order', template: use })).json;
      for (const device of devices.values()) await got(device, json.id);
      await got(devices.get(german)!, own.id);
      const said = (client: RawClient, id: string = json.id) => {
        const { content, locale } = seen(client).find((each) => each.id === id)!;
        return [(content as { text: string }).text, locale];
      };
      expect(said(devices.get(plain)!)).toEqual(['Order 42 is paid', undefined]);
      expect(said(devices.get(german)!)).toEqual(['Bestellung 42: paid', 'de']);
      expect(said(devices.get(german)!, own.id)).toEqual(['Bestellung 42: paid', 'de']);
      expect(said(devices.get(chinese)!)).toEqual(['訂單 42', 'zh-hant']);

      await template('order', 'default', 'changed since');
      await admin('DELETE', `${TEMPLATES}/order`);
      const back = await connect(late);
      expect(said(back)).toEqual(['Bestellung 42: paid', 'de']);
      const listed = await back.call('notification.list');
      expect(listed.notifications.find(({ id }) => id === json.id)).toMatchObject({ locale: 'de' });
      const history = { conversation: 'broadcast:all', after: json.seq - 1, limit: 1 };
      expect((await back.call('chat.history', history)).messages).toMatchObject([
        { content: { text: 'Bestellung 42: paid' } },
      ]);
      await back.call('notification.locale', { locale: null });
      expect((await back.call('chat.history', history)).messages).toMatchObject([
        { content: { text: 'Order 42 is paid' } },
      ]);
      expect(JSON.stringify(back.frames)).not.toContain('source');
    });

    it('is free to repeat, also after it was changed or removed', async () => {
      const amy = newUser();
      await template('again', 'default', '{{ n }} one');
      const body = { to: amy, type: 'x', template: { name: 'again', data: { n: 1 } } };
      const first = await publish(body, 'again');
      await template('again', 'default', '{{ n }} two');
      expect((await publish(body, 'again')).json).toEqual({ ...first.json, duplicate: true });
      await admin('DELETE', `${TEMPLATES}/again`);
      expect((await publish(body, 'again')).json).toEqual({ ...first.json, duplicate: true });
      const other = { ...body, template: { name: 'again', data: { n: 2 } } };
      expect((await publish(other, 'again')).status).toBe(409);
      const device = await connect(amy);
      await device.call('notification.delete', { ids: [first.json.id] });
      expect((await publish(body, 'again')).json).toEqual({ ...first.json, duplicate: true });
      expect((await publish(body, 'another key')).status).toBe(400);
    });

    it('that is not there, has no default, or lacks data is refused with a code', async () => {
      const use = (name: string, data?: object) =>
        publish({ to: 'amy', type: 'x', template: { name, data } });
      expect(await use('nowhere')).toMatchObject({ status: 404, json: { code: 'not_found' } });
      await template('only-de', 'de', 'Hallo');
      const field = { status: 400, json: { code: 'invalid', details: [{ field: 'template' }] } };
      expect(await use('only-de')).toMatchObject(field);
      await template('needs', 'default', '{{ what }}');
      expect(await use('needs')).toMatchObject(field);
      await template('long', 'default', '{% for i in (1..100000000) %}x{% endfor %}');
      expect(await use('long')).toMatchObject(field);
      expect((await use('needs', { what: 'x'.repeat(20_000) })).json).toMatchObject({
        details: [{ field: 'template.data' }],
      });
    });
  });

  describe('a scheduled notification', () => {
    const soon = (milliseconds = 2000) => Date.now() + milliseconds;

    it('is told at its time, once, and can be looked up', async () => {
      const amy = newUser();
      const device = await connect(amy);
      await template('reminder', 'default', 'at {{ hour }}');
      const at = soon();
      const body = { to: amy, type: 'x', template: { name: 'reminder', data: { hour: 'noon' } }, at };
      const { status, json } = await publish(body, `sched-${amy}`);
      expect([status, json]).toMatchObject([
        201,
        { state: 'pending', at, target: { to: amy }, duplicate: false },
      ]);
      expect(await publish(body, `sched-${amy}`)).toMatchObject({ json: { id: json.id, duplicate: true } });
      expect((await publish({ ...body, at: at + 1 }, `sched-${amy}`)).status).toBe(409);
      await admin('DELETE', `${TEMPLATES}/reminder`);
      await device.until(() => contents(device).includes('at noon'));
      expect(Date.now()).toBeGreaterThanOrEqual(at);
      const found = () => admin('GET', `${SCHEDULED}/${json.id}`);
      await expect.poll(async () => (await found()).json.state, WAIT).toBe('sent');
      const { sent } = (await found()).json;
      expect(seen(device).find(({ content }) => content === 'at noon')).toMatchObject({ id: sent.id });
      expect((await admin('DELETE', `${SCHEDULED}/${json.id}`)).json).toMatchObject({ code: 'conflict' });
      const page = (await admin('GET', `${SCHEDULED}?state=sent&limit=200`)).json;
      expect(page.notifications.map(({ id }: never) => id)).toContain(json.id);
    });

    it('is not told when it was cancelled before', async () => {
      const amy = newUser();
      const device = await connect(amy);
      const { id } = (await publish({ to: amy, type: 'x', content: 'never', at: soon(4000) })).json;
      const later = (await publish({ to: amy, type: 'x', content: 'later', at: soon(4100) })).json;
      expect((await admin('DELETE', `${SCHEDULED}/${id}`)).status).toBe(204);
      expect((await admin('DELETE', `${SCHEDULED}/${id}`)).status).toBe(204);
      await device.until(() => contents(device).includes('later'));
      expect(contents(device)).not.toContain('never');
      expect((await admin('GET', `${SCHEDULED}/${id}`)).json.state).toBe('cancelled');
      expect((await admin('GET', `${SCHEDULED}/nothing`)).status).toBe(404);
      expect((await admin('DELETE', `${SCHEDULED}/nothing`)).status).toBe(404);
      expect(later.duplicate).toBe(false);
    });

    it.each([
      [() => ({ at: Date.now() - 1000 }), 'at'],
      [() => ({ at: Date.now() + 400 * 86_400_000 }), 'at'],
      [() => ({ at: soon(60_000), expiresAt: soon(50_000) }), 'expiresAt'],
    ])('is refused when its times make no sense (%#)', async (times, field) => {
      const answer = await publish({ to: 'amy', type: 'x', content: 1, ...times() });
      expect(answer).toMatchObject({ status: 400, json: { details: [{ field }] } });
    });

    it('survives kills around its time, and is told once', async () => {
      const amy = newUser();
      // A busy machine takes its time until they are all there.
      const at = soon(8000);
      const ids: string[] = await Promise.all(
        Array.from({ length: 40 }, async (_, n) => {
          const target = n % 2 === 0 ? { to: amy } : { audience: { users: [amy] } };
          return (await publish({ ...target, type: 'x', content: `kill ${n}`, at: at + n * 20 })).json.id;
        }),
      );
      const overdue = (
        await publish({ to: amy, type: 'x', content: 'too late', at: at + 1, expiresAt: at + 2 })
      ).json;
      for (let round = 0; round < 3; round++) {
        await stage.server.kill();
        await stage.server.restart();
        await expect
          .poll(
            async () => (await admin('GET', `${SCHEDULED}?state=sent&limit=200`)).json.notifications.length,
            WAIT,
          )
          .toBeGreaterThan(round * 10);
      }
      const states = async () =>
        Promise.all(ids.map(async (id) => (await admin('GET', `${SCHEDULED}/${id}`)).json.state as string));
      await expect.poll(async () => new Set(await states()), WAIT).toEqual(new Set(['sent']));
      const device = await connect(amy);
      await device.until(
        () => contents(device).filter((each) => String(each).startsWith('kill')).length >= 40,
      );
      expect(
        contents(device)
          .filter((each) => String(each).startsWith('kill'))
          .toSorted(),
      ).toEqual(Array.from({ length: 40 }, (_, n) => `kill ${n}`).toSorted());
      await expect
        .poll(async () => (await admin('GET', `${SCHEDULED}/${overdue.id}`)).json, WAIT)
        .toMatchObject({ state: 'failed', error: { code: 'invalid' } });
    });
  });

  describe('the report', () => {
    const report = async (id: string) =>
      (await admin('GET', `${NOTIFICATIONS}/${encodeURIComponent(id)}/report`)).json;

    it('of one for a user counts his devices', async () => {
      const amy = newUser();
      const { id, seq, conversation } = (await publish({ to: amy, type: 'x', content: 1 })).json;
      expect(await report(id)).toMatchObject({
        id,
        type: 'x',
        audience: null,
        users: 1,
        delivered: { users: 0, devices: 0 },
        read: 0,
        erased: false,
      });
      for (const device of ['phone', 'laptop']) {
        const client = await connect(amy, { device });
        await client.call('chat.delivered', { conversation, seq });
      }
      expect(await report(id)).toMatchObject({ delivered: { users: 1, devices: 2 }, read: 0 });
      const client = await connect(amy);
      await client.call('notification.read', { ids: [id] });
      expect(await report(id)).toMatchObject({ delivered: { users: 1, devices: 2 }, read: 1 });
    });

    it.each(['all', 'role', 'group', 'users'] as const)(
      'of a broadcast to %s counts who is in it',
      async (kind) => {
        const role = `role-${newUser()}`;
        const members = [newUser(), newUser(), newUser()];
        const stranger = newUser();
        const group = `group-${stranger}`;
        const devices: RawClient[] = [];
        for (const user of [...members, stranger])
          devices.push(await connect(user, { roles: user === stranger ? [] : [role], device: 'phone' }));
        await devices[0]!.call('group.create', { id: group, name: 'g', visibility: 'open' });
        for (const device of devices.slice(1, 3)) await device.call('group.join', { conversation: group });
        await Promise.all(devices.map((device) => device.close()));
        const audience = { all: 'all', role: { role }, group: { group }, users: { users: members } }[kind];
        const { id, seq, conversation } = (await publish({ audience, type: 'x', content: kind })).json;
        const all = kind === 'all';
        // Roles are stored a moment after who has them has connected; of everybody there are also the users of the tests before.
        await expect.poll(async () => all || (await report(id)).users === 3).toBe(true);
        const before = await report(id);
        expect(before).toMatchObject({ audience, delivered: { users: 0, devices: 0 }, read: 0 });
        for (const [index, user] of [...members, stranger].entries()) {
          const roles = user === stranger ? [] : [role];
          const client = await connect(user, { roles, device: 'phone' });
          expect(contents(client).includes(kind) && seen(client).some((each) => each.id === id)).toBe(
            all || user !== stranger,
          );
          if (index === 0) await client.call('chat.read', { conversation, seq });
          else if (index === 1) await client.call('notification.read', { ids: [id] });
          else await client.call('chat.delivered', { conversation, seq });
        }
        const delivered = { users: all ? 4 : 3, devices: all ? 4 : 3 };
        const after = await report(id);
        // Whoever marked one single as read has acknowledged nothing by that.
        expect(after.read).toBe(2);
        expect([delivered.users, delivered.users - 1]).toContain(after.delivered.users);
        await admin('DELETE', `${NOTIFICATIONS}/${encodeURIComponent(id)}`);
        expect(await report(id)).toMatchObject({ erased: true, type: null, audience, users: before.users });
      },
    );

    it.each(['inbox:nobody#1', 'broadcast:all#99999', 'dm:a:b#1', 'x'])('of %s is not found', async (id) => {
      expect(await report(id)).toMatchObject({ code: 'not_found' });
    });
  });

  it('reaches the members of a group, also one who joins later, and no longer who has left', async () => {
    const [owner, leaver, late] = [newUser(), newUser(), newUser()];
    const group = `crew-${owner}`;
    const [o, l, j] = [await connect(owner), await connect(leaver), await connect(late)];
    await o.call('group.create', { id: group, name: 'crew', visibility: 'open' });
    await l.call('group.join', { conversation: group });
    const tell = async (content: string) =>
      (await publish({ audience: { group }, type: 'crew', content })).json.id as string;
    const ofCrew = (client: RawClient) =>
      seen(client)
        .filter(({ type }) => type === 'crew')
        .map(({ content }) => content);
    const first = await tell('first');
    await got(o, first);
    await got(l, first);
    await l.call('group.leave', { conversation: group });
    await j.call('group.join', { conversation: group });
    const second = await tell('second');
    await got(o, second);
    await got(j, second);
    await l.call('ping');
    expect(ofCrew(l)).toEqual(['first']);
    const again = await connect(leaver);
    expect(ofCrew(again)).toEqual([]);
    const { notifications } = await j.call('notification.list');
    expect(notifications.map(({ content }) => content)).toEqual(expect.arrayContaining(['first', 'second']));
  });

  it('roles are remembered as the last token had them, and written only when they change', async () => {
    const [amy, role] = [newUser(), `pilot-${newUser()}`];
    const count = async () => {
      const { json } = await publish({ audience: { role }, type: 'x', content: 1 });
      return (await admin('GET', `${NOTIFICATIONS}/${encodeURIComponent(json.id)}/report`)).json
        .users as number;
    };
    await (await connect(amy, { roles: [role, 'clerk'] })).close();
    await expect.poll(count, WAIT).toBe(1);
    await (await connect(amy, { roles: [role, 'clerk'] })).close();
    expect(await count()).toBe(1);
    const device = await connect(amy, { roles: ['clerk'] });
    await expect.poll(count, WAIT).toBe(0);
    await device.call('auth', { token: tokenFor(amy, { roles: [role] }) });
    await expect.poll(count, WAIT).toBe(1);
  });
});
