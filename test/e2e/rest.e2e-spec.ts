import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

interface CallOptions {
  user?: string;
  role?: string;
  body?: unknown;
  headers?: Record<string, string>;
}

const call = async (method: string, path: string, options: CallOptions = {}) => {
  const { user, role, body, headers } = options;
  const response = await fetch(server.url + path, {
    method,
    headers: {
      ...(user && { Authorization: `Bearer ${tokenFor(user, { role })}` }),
      ...(body !== undefined && { 'Content-Type': 'application/json' }),
      ...headers,
    },
    body: body === undefined || typeof body === 'string' ? body : JSON.stringify(body),
  });
  const text = await response.text();
  const json = /json/.test(response.headers.get('content-type') ?? '') ? JSON.parse(text) : undefined;
  return { status: response.status, headers: response.headers, text, json };
};
const text = (to: string, content = 'hello', more: object = {}) => ({ to, kind: 'text', content, ...more });

describe('messages over REST', () => {
  it('are stored, delivered and answered like those of a socket', async () => {
    const bob = await RawClient.connect(server, 'bob');
    const sent = await call('POST', '/api/v1/messages', { user: 'alice', body: text('bob') });
    expect(sent.status).toBe(201);
    expect(sent.json).toEqual({
      conversation: 'dm:alice:bob',
      seq: 1,
      id: 'dm:alice:bob#1',
      time: expect.any(Number),
      duplicate: false,
    });
    expect((await bob.event('chat.message')).data).toMatchObject({ from: 'alice', content: 'hello' });
    await bob.close();
  });

  it('are stored once for one Idempotency-Key, and refused for other content', async () => {
    const send = (content: string) =>
      call('POST', '/api/v1/messages', {
        user: 'carol',
        body: text('dave', content),
        headers: { 'Idempotency-Key': 'order-1' },
      });
    const first = await send('once');
    expect((await send('once')).json).toEqual({ ...first.json, duplicate: true });
    expect(await send('twice')).toMatchObject({ status: 409, json: { code: 'conflict', retryable: false } });
  });

  it.each(['two words', 'ü', 'x'.repeat(65), ''])('refuse the Idempotency-Key %j by name', async (key) => {
    const answer = await call('POST', '/api/v1/messages', {
      user: 'alice',
      body: text('bob'),
      headers: { 'Idempotency-Key': encodeURI(key) === key ? key : Buffer.from(key).toString('latin1') },
    });
    expect(answer).toMatchObject({ status: 400, json: { details: [{ field: 'Idempotency-Key' }] } });
  });

  it('may be sent on behalf of another by an administrator only', async () => {
    const body = text('erin', 'for frank', { from: 'frank' });
    expect(await call('POST', '/api/v1/messages', { user: 'mallory', body })).toMatchObject({ status: 403 });
    expect(await call('POST', '/api/v1/messages', { user: 'root', role: 'admin', body })).toMatchObject({
      status: 201,
      json: { conversation: 'dm:erin:frank' },
    });
  });

  it('are listed and read in pages', async () => {
    for (const content of ['1', '2', '3'])
      await call('POST', '/api/v1/messages', { user: 'grace', body: text('heidi', content) });
    await call('POST', '/api/v1/messages', { user: 'grace', body: text('ivan') });
    const first = await call('GET', '/api/v1/conversations?limit=1', { user: 'grace' });
    expect(first.json).toMatchObject({
      conversations: [{ conversation: 'dm:grace:ivan' }],
      next: expect.any(String),
    });
    const cursor = encodeURIComponent(first.json.next);
    const second = await call('GET', `/api/v1/conversations?limit=1&cursor=${cursor}`, { user: 'grace' });
    expect(second.json).toMatchObject({ conversations: [{ conversation: 'dm:grace:heidi', head: 3 }] });
    const path = `/api/v1/conversations/${encodeURIComponent('dm:grace:heidi')}/messages`;
    const page = await call('GET', `${path}?limit=2`, { user: 'heidi' });
    expect(page.json).toMatchObject({ head: 3, more: true, messages: [{ content: '2' }, { content: '3' }] });
    const older = await call('GET', `${path}?before=2`, { user: 'heidi' });
    expect(older.json).toMatchObject({ more: false, messages: [{ seq: 1, event: 'chat.message' }] });
  });
});

describe('what is not yours', () => {
  const STRANGE = [
    ['of others', 'dm:amy:ben'],
    ['of nobody', 'dm:no:body'],
    ['the inbox of another', 'inbox:amy'],
    ['a group that does not exist', 'no-such-group'],
    ['malformed', 'dm:only-one'],
    ['in the wrong order', 'dm:ben:amy'],
    ['of an unknown kind', 'secret:amy'],
    ['with quotes', "x' OR '1'='1"],
  ] as const;

  beforeAll(async () => {
    await call('POST', '/api/v1/messages', { user: 'amy', body: text('ben', 'private') });
    await call('POST', '/api/ws/send', {
      user: 'r',
      role: 'admin',
      body: { type: 't', to: 'amy', content: 'private' },
    });
  });

  it('is answered over REST, byte for byte, like what does not exist', async () => {
    const answers = new Set<string>();
    for (const [, conversation] of STRANGE) {
      const headers = { 'X-Request-Id': 'same' };
      const id = encodeURIComponent(conversation);
      const read = await call('GET', `/api/v1/conversations/${id}/messages`, { user: 'mallory', headers });
      const body = { conversation, kind: 'text', content: 'let me in' };
      const written = await call('POST', '/api/v1/messages', { user: 'mallory', body, headers });
      answers.add(`${read.status} ${read.text}`).add(`${written.status} ${written.text}`);
      const message = `/api/v1/conversations/${id}/messages/1`;
      for (const [method, path, change] of [
        ['PATCH', message, { content: 'x' }],
        ['DELETE', message],
        ['PUT', `${message}/reactions/${encodeURIComponent('👍')}`],
        ['DELETE', `${message}/pin`],
        ['GET', `/api/v1/conversations/${id}/pins`],
      ] as const) {
        const answer = await call(method, path, { user: 'mallory', body: change, headers });
        answers.add(`${answer.status} ${answer.text}`);
      }
    }
    expect([...answers]).toEqual([
      '404 {"statusCode":404,"code":"not_found","message":"Not found","retryable":false,"requestId":"same"}',
    ]);
  });

  it('is answered on a socket, byte for byte, like what does not exist', async () => {
    const mallory = await RawSocket.connect(server, 'mallory');
    const answers = new Set<string>();
    for (const [, conversation] of STRANGE) {
      const commands: [string, object][] = [
        ['chat.send', { conversation, kind: 'text', content: 'let me in' }],
        ['chat.history', { conversation }],
        ['chat.read', { conversation, seq: 1 }],
        ['chat.delivered', { conversation, seq: 1 }],
        ['chat.typing', { conversation }],
        ['chat.edit', { conversation, seq: 1, content: 'x' }],
        ['chat.recall', { conversation, seq: 1 }],
        ['chat.react', { conversation, seq: 1, emoji: '👍' }],
        ['chat.pin', { conversation, seq: 1 }],
        ['chat.pins', { conversation }],
        ['chat.hide', { conversation, seqs: [1] }],
        ['chat.forward', { to: 'mallory', from: { conversation, seq: 1 } }],
        ['chat.forward', { conversation, from: { conversation: 'dm:mallory:mallory', seq: 1 } }],
      ];
      for (const [type, data] of commands) {
        const { id: _, ...answer } = await mallory.answerTo(type, data);
        answers.add(JSON.stringify(answer));
      }
    }
    expect([...answers]).toEqual([
      '{"type":"error","data":{"code":"not_found","message":"Not found","retryable":false}}',
    ]);
    expect(mallory.frames.filter(({ type }) => type.startsWith('chat.message'))).toEqual([]);
    mallory.destroy();
  });

  it.each(['x\u0000y', 'x '])('an id that none can have (%j) is invalid', async (conversation) => {
    const mallory = await RawSocket.connect(server, 'mallory');
    const data = { conversation, kind: 'text', content: 'x' };
    expect((await mallory.answerTo('chat.send', data)).data).toMatchObject({
      code: 'invalid',
      details: [{ field: 'conversation' }],
    });
    mallory.destroy();
  });

  it('nobody can write where only the server speaks', async () => {
    const amy = await RawSocket.connect(server, 'amy');
    for (const conversation of ['inbox:amy', 'broadcast:all']) {
      const answer = await amy.answerTo('chat.send', { conversation, kind: 'text', content: 'x' });
      expect(answer.data).toMatchObject({ code: 'not_found' });
    }
    amy.destroy();
  });
});

describe('an error', () => {
  const form = { statusCode: expect.any(Number), message: expect.any(String), requestId: expect.any(String) };

  it.each([
    ['GET', '/nowhere'],
    ['GET', '/api/v1/secret-canary'],
    ['DELETE', '/health'],
    ['GET', '/api/ws/broadcast'],
    ['GET', '/.env'],
    ['GET', '/..%2f..%2fetc%2fpasswd'],
  ])('for the unknown route %s %s has the form of the house, and quotes nothing', async (method, path) => {
    const answer = await call(method, path, { user: 'root', role: 'admin' });
    expect(answer.json).toEqual({ ...form, statusCode: 404, code: 'not_found', retryable: false });
    expect(answer.text).not.toMatch(/canary|passwd|\.env/);
  });

  it.each([
    ['no JSON', '{"secret-canary'],
    ['JSON that is no object', '"secret-canary"'],
    ['JSON and more', '{} secret-canary'],
  ])('for a body that is %s quotes nothing of it', async (_what, body) => {
    const answer = await call('POST', '/api/v1/messages', { user: 'alice', body });
    expect(answer).toMatchObject({ status: 400, json: { ...form, code: 'invalid', retryable: false } });
    expect(answer.text).not.toContain('canary');
  });

  it('for a body over the limit is 413', async () => {
    const answer = await call('POST', '/api/v1/messages', {
      user: 'alice',
      body: text('bob', 'x'.repeat(66_000)),
    });
    expect(answer).toMatchObject({ status: 413, json: { ...form, code: 'too_large', retryable: false } });
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'canary'])(
    'for a body of the type %s is 400 and says what type it has to be',
    async (type) => {
      const headers = { 'Content-Type': type };
      const body = text('bob');
      const answer = await call('POST', '/api/v1/messages', { user: 'alice', body, headers });
      expect(answer).toMatchObject({ status: 400, json: { ...form, code: 'invalid' } });
      expect(answer.json.message).toContain('application/json');
    },
  );

  it('for no body names what is missing', async () => {
    const answer = await call('POST', '/api/ws/send', { user: 'r', role: 'admin' });
    const fields = answer.json.details.map(({ field }: { field: string }) => field).sort();
    expect([answer.status, answer.json.message, fields]).toEqual([
      400,
      'Some fields are wrong',
      ['content', 'to', 'type'],
    ]);
  });

  it.each([
    ['Content-Type', 'application/json; charset=canary'],
    ['Content-Type', 'application/json; charset=latin1'],
    ['Content-Encoding', 'canary'],
  ])('for a body under %s: %s is 400 and quotes nothing', async (name, value) => {
    const headers = { [name]: value };
    const answer = await call('POST', '/api/v1/messages', { user: 'alice', body: text('bob'), headers });
    expect(answer).toMatchObject({ status: 400, json: { ...form, code: 'invalid' } });
    expect(answer.text).not.toMatch(/canary|latin1/i);
  });

  it('for a body that is not UTF-8 is 400, as a frame would be refused', async () => {
    const response = await fetch(`${server.url}/api/v1/messages`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${tokenFor('alice')}`, 'Content-Type': 'application/json' },
      body: Buffer.from('{"to":"bob","kind":"text","content":"\xe4"}', 'latin1'),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'invalid', message: 'The body is not valid UTF-8' });
  });

  it('for a missing or bad token says which kind is wanted', async () => {
    for (const token of [undefined, 'Bearer canary']) {
      const headers: Record<string, string> = token === undefined ? {} : { Authorization: token };
      const answer = await call('GET', '/api/ws/status', { headers });
      expect(answer).toMatchObject({ status: 401, json: { ...form, code: 'unauthenticated' } });
      expect(answer.headers.get('www-authenticate')).toBe('Bearer');
    }
  });

  it.each([
    ['nested 20,000 levels deep', `${'['.repeat(20_000)}${']'.repeat(20_000)}`, 'too_deep'],
    ['nested 10,000 objects deep', `${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`, 'too_deep'],
    ['with __proto__', '{"__proto__":{"admin":true}}', 'invalid'],
    ['with constructor', '{"constructor":{"prototype":{}}}', 'invalid'],
    ['with a lone surrogate', '"\\ud800"', 'invalid'],
  ])('for a body %s is 400', async (_what, content, code) => {
    const custom = `{"to":"bob","kind":"custom","content":${content}}`;
    expect(await call('POST', '/api/v1/messages', { user: 'alice', body: custom })).toMatchObject({
      status: 400,
      json: { code, retryable: false },
    });
    const notice = `{"type":"note","content":${content}}`;
    expect(await call('POST', '/api/ws/broadcast', { user: 'r', role: 'admin', body: notice })).toMatchObject(
      {
        status: 400,
        json: { code, retryable: false },
      },
    );
  });

  it.each([
    ['limit=0', 'limit'],
    ['limit=201', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1&limit=2', 'limit'],
    ['limit=-1', 'limit'],
    ['limit=1e1', 'limit'],
    ['before=0', 'before'],
    ['before=1&after=1', 'before'],
    ['after=x', 'after'],
    ['unknown=1', 'unknown'],
  ])('for the query %s names the field', async (query, field) => {
    const path = `/api/v1/conversations/${encodeURIComponent('dm:alice:bob')}/messages?${query}`;
    const answer = await call('GET', path, { user: 'alice' });
    expect(answer).toMatchObject({ status: 400, json: { ...form, code: 'invalid' } });
    expect(answer.json.details).toMatchObject([{ field }]);
  });

  it('for a path that cannot be decoded is 400 and quotes nothing', async () => {
    const answer = await call('GET', '/api/v1/conversations/%FFcanary/messages', { user: 'alice' });
    expect(answer).toMatchObject({ status: 400, json: { ...form, code: 'invalid' } });
    expect(answer.text).not.toContain('canary');
  });

  it('for a cursor that is none is 400', async () => {
    const answer = await call('GET', '/api/v1/conversations?cursor=rubbish', { user: 'alice' });
    expect(answer).toMatchObject({ status: 400, json: { ...form, code: 'invalid' } });
  });

  it('carries the request id of the caller, if that is a plain one', async () => {
    const named = await call('GET', '/nowhere', { headers: { 'X-Request-Id': 'trace-1' } });
    expect([named.json.requestId, named.headers.get('x-request-id')]).toEqual(['trace-1', 'trace-1']);
    const strange = await call('GET', '/nowhere', { headers: { 'X-Request-Id': 'a b"<' } });
    expect(strange.json.requestId).toMatch(/^[\w-]{36}$/);
  });
});

describe('operations', () => {
  it('say whether the server serves, is alive and is ready', async () => {
    const health = await call('GET', '/health');
    expect([health.status, health.text]).toEqual([200, 'OK']);
    expect(health.headers.get('content-type')).toMatch(/^text\/plain/);
    expect(await call('GET', '/health/live')).toMatchObject({ status: 200, json: { status: 'ok' } });
    expect((await call('GET', '/health/ready')).json).toEqual({
      status: 'ok',
      checks: { database: 'up', accepting: 'up' },
    });
  });

  it('count users, not connections', async () => {
    const devices = await Promise.all([1, 2].map(() => RawClient.connect(server, 'counted')));
    await expect.poll(async () => (await call('GET', '/stats')).json).toEqual({ online_users: 1 });
    await Promise.all(devices.map((device) => device.close()));
  });

  it('give metrics in the text format of Prometheus, with no label that a caller can make up', async () => {
    await call('GET', '/made-up-path?x=made-up-query');
    await call('GET', '/api/v1/conversations/made-up-id/messages', { user: 'made-up-user' });
    const metrics = await call('GET', '/metrics');
    expect(metrics.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(metrics.text).not.toContain('made-up');
    expect(metrics.text).toMatch(/^rookery_connections_max 10000$/m);
    expect(metrics.text).toMatch(/rookery_http_request_seconds_count\{.*route="unmatched"/);
    for (const line of metrics.text.split('\n').filter(Boolean)) {
      expect(line).toMatch(/^(# (HELP|TYPE) \S+ .+|[a-zA-Z_:][\w:]*(\{.*\})? (-?[\d.e+-]+|NaN|[+-]?Inf))$/);
    }
  });
});
