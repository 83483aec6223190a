import { describe, expect, it } from 'vitest';
import type { NotificationMessage } from '@rookery/protocol';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { useServer } from '../support/use-server.js';

const stage = useServer();

const connect = async (user: string, query: Record<string, string> = {}): Promise<RawClient> => {
  return stage.connect(user, { query });
};
const admin = `Bearer ${tokenFor('root', { role: 'admin' })}`;
const call = async (method: string, path: string, body?: unknown, headers: Record<string, string> = {}) => {
  const response = await fetch(stage.server.url + path, {
    method,
    headers: {
      Authorization: admin,
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return { status: response.status, json: (await response.json()) as any };
};
const notifications = (client: RawClient): unknown[] =>
  client.dataOf<NotificationMessage>('notification.message').map(({ content }) => content);

describe('GET /api/ws/status', () => {
  it('says who is online, each user once', async () => {
    await Promise.all([connect('amy'), connect('amy'), connect('ben')]);
    expect(await call('GET', '/api/ws/status')).toEqual({
      status: 200,
      json: { online_count: 2, online_users: ['amy', 'ben'] },
    });
  });

  it('pages with limit and cursor', async () => {
    await Promise.all(['a', 'b', 'c', 'd', 'e'].map((user) => connect(user)));
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const query = cursor === undefined ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const { json } = await call('GET', `/api/ws/status?limit=2${query}`);
      expect(json).toMatchObject({ online_count: 5 });
      seen.push(...json.online_users);
      cursor = json.next_cursor;
    } while (cursor !== undefined);
    expect(seen).toEqual(['a', 'b', 'c', 'd', 'e']);
  });

  it.each(['limit=0', 'limit=10001', 'limit=x', 'cursor='])('refuses %s naming the field', async (query) => {
    expect(await call('GET', `/api/ws/status?${query}`)).toMatchObject({
      status: 400,
      json: { code: 'invalid', details: [{ field: query.split('=')[0] }] },
    });
  });
});

describe('POST /api/ws/send', () => {
  it('stores, answers 201 with the id, and reaches every device of the user and nobody else', async () => {
    const [one, two, other] = [await connect('uma'), await connect('uma'), await connect('vic')];
    const { status, json } = await call('POST', '/api/ws/send', {
      type: 'order_status',
      to: 'uma',
      content: { id: 7 },
    });
    expect(status).toBe(201);
    expect(json).toEqual({
      conversation: 'inbox:uma',
      seq: 1,
      id: 'inbox:uma#1',
      time: expect.any(Number),
      duplicate: false,
    });
    const { duplicate: _, ...stored } = json;
    for (const client of [one, two])
      expect((await client.event('notification.message')).data).toEqual({
        ...stored,
        type: 'order_status',
        content: { id: 7 },
      });
    await other.call('ping');
    expect(notifications(other)).toEqual([]);
  });

  it('reaches a user who was never seen before, once, when he comes', async () => {
    await call('POST', '/api/ws/send', { type: 'welcome', to: 'newcomer', content: 'hello' });
    const first = await connect('newcomer', { device: 'phone' });
    await first.event('chat.synced');
    expect(notifications(first)).toEqual(['hello']);
    await first.call('chat.read', { conversation: 'inbox:newcomer', seq: 1 });
    await first.close();
    const again = await connect('newcomer', { device: 'phone' });
    await again.event('chat.synced');
    expect(notifications(again)).toEqual([]);
  });

  it('stores once for one Idempotency-Key', async () => {
    const body = { type: 'bill', to: 'walt', content: 12 };
    const first = await call('POST', '/api/ws/send', body, { 'Idempotency-Key': 'bill-12' });
    const second = await call('POST', '/api/ws/send', body, { 'Idempotency-Key': 'bill-12' });
    expect(second).toEqual({ status: 201, json: { ...first.json, duplicate: true } });
    const other = await call(
      'POST',
      '/api/ws/send',
      { ...body, content: 13 },
      { 'Idempotency-Key': 'bill-12' },
    );
    expect(other).toMatchObject({ status: 409, json: { code: 'conflict' } });
    const walt = await connect('walt');
    await walt.event('chat.synced');
    expect(notifications(walt)).toEqual([12]);
  });

  it('that is ephemeral reaches who is there, and is stored nowhere', async () => {
    const xena = await connect('xena');
    const body = { type: 'hint', to: 'xena', content: 'now', ephemeral: true };
    expect(await call('POST', '/api/ws/send', body)).toEqual({
      status: 201,
      json: { id: null, connections: 1 },
    });
    expect((await xena.event('notification.message')).data).toEqual({
      type: 'hint',
      content: 'now',
      time: expect.any(Number),
    });
    expect((await call('POST', '/api/ws/send', { ...body, to: 'yara' })).json).toEqual({
      id: null,
      connections: 0,
    });
    const yara = await connect('yara');
    await yara.event('chat.synced');
    expect(notifications(yara)).toEqual([]);
  });
});

describe('POST /api/ws/broadcast', () => {
  it('is stored once, reaches who is there, and who comes later once', async () => {
    const [zoe, adam] = [await connect('zoe'), await connect('adam')];
    const { status, json } = await call('POST', '/api/ws/broadcast', {
      type: 'maintenance',
      content: 'at noon',
    });
    expect(status).toBe(201);
    expect(json).toMatchObject({
      conversation: 'broadcast:all',
      id: `broadcast:all#${json.seq}`,
      duplicate: false,
    });
    for (const client of [zoe, adam])
      await client.frame(({ data }) => (data as { id?: string })?.id === json.id);
    const late = await connect('late');
    await late.event('chat.synced');
    expect(notifications(late).filter((content) => content === 'at noon')).toHaveLength(1);
  });

  it('that is ephemeral reaches every connection', async () => {
    const [eve, eves] = [await connect('eve'), await connect('eve')];
    expect(
      (await call('POST', '/api/ws/broadcast', { type: 'tick', content: 1, ephemeral: true })).json,
    ).toEqual({
      id: null,
      connections: 2,
    });
    await Promise.all(
      [eve, eves].map((client) => client.frame(({ data }) => (data as { type?: string })?.type === 'tick')),
    );
  });

  it.each([
    [null],
    [false],
    [0],
    [''],
    [[]],
    [{ deep: [{ '': null }] }],
    ['𝒳 鴉 \u202e\u0000'],
    ["'; DROP TABLE entries; --"],
  ])('carries the content %j as it is', async (content) => {
    const listener = await connect('listener');
    const { json } = await call('POST', '/api/ws/broadcast', { type: 'exact', content });
    const { data } = await listener.frame((frame) => (frame.data as { id?: string })?.id === json.id);
    expect((data as NotificationMessage).content).toEqual(content);
  });
});

describe('a wrong call', () => {
  const CALLS = [
    ['GET', '/api/ws/status', undefined],
    ['POST', '/api/ws/broadcast', { type: 't', content: 1 }],
    ['POST', '/api/ws/send', { type: 't', to: 'u', content: 1 }],
    ['DELETE', '/api/v1/users/u/connections', undefined],
    ['DELETE', '/api/v1/users/u/tokens', undefined],
  ] as const;

  it.each(CALLS)('%s %s is 401 without a token, 403 without the role', async (method, path, body) => {
    expect(await call(method, path, body, { Authorization: '' })).toMatchObject({
      status: 401,
      json: { code: 'unauthenticated' },
    });
    expect(await call(method, path, body, { Authorization: 'Bearer a.b.c' })).toMatchObject({ status: 401 });
    for (const claims of [
      {},
      { role: 'Admin' },
      { role: ['user'] },
      { roles: 'administrator' },
      { admin: true },
    ]) {
      const plain = `Bearer ${tokenFor('user', claims)}`;
      expect(await call(method, path, body, { Authorization: plain })).toMatchObject({
        status: 403,
        json: { code: 'forbidden' },
      });
    }
  });

  it('is not one with the role in a list', async () => {
    const listed = `Bearer ${tokenFor('ops', { roles: ['user', 'admin'] })}`;
    expect((await call('GET', '/api/ws/status', undefined, { Authorization: listed })).status).toBe(200);
  });

  it.each([
    [{ content: 1 }, 'type'],
    [{ type: '', content: 1 }, 'type'],
    [{ type: 7, content: 1 }, 'type'],
    [{ type: 'two words', content: 1 }, 'type'],
    [{ type: 'x'.repeat(65), content: 1 }, 'type'],
    [{ type: 't' }, 'content'],
    [{ type: 't', content: 1, ephemeral: 'yes' }, 'ephemeral'],
    [{ type: 't', content: 1, extra: true }, 'extra'],
    [[], ''],
  ])('with the body %j is 400 naming the field', async (body, field) => {
    for (const [path, given] of [
      ['/api/ws/broadcast', body],
      ['/api/ws/send', Array.isArray(body) ? body : { to: 'u', ...body }],
    ] as const) {
      const answer = await call('POST', path, given);
      expect(answer).toMatchObject({ status: 400, json: { code: 'invalid', retryable: false } });
      expect(answer.json.details).toContainEqual({ field, message: expect.any(String) });
    }
  });

  it.each([undefined, '', 'a\nb', ' a', 'x'.repeat(121), 7, null, ['u']])(
    'to %j is 400 naming `to`',
    async (to) => {
      expect(await call('POST', '/api/ws/send', { type: 't', to, content: 1 })).toMatchObject({
        status: 400,
        json: { code: 'invalid', details: [{ field: 'to' }] },
      });
    },
  );
});
