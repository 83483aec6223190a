import { createHmac } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ErrorData } from '@rookery/protocol';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { exchange, handshakeText, requestText, type RequestShape } from '../support/raw-http.js';
import { RawSocket } from '../support/raw-socket.js';
import { TEST_SECRET, TestServer } from '../support/server.js';
import { compact, FAMILIES, hmac, token } from '../support/signed-tokens.js';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ env: { WS_AUTH_TIMEOUT: '4' } });
});
afterAll(() => server.stop());

const now = (): number => Math.floor(Date.now() / 1000);
const claims = { sub: 'mallory', exp: now() + 3600 };
const ours = { ...FAMILIES['HS256']!, sign: hmac(TEST_SECRET) };
const good = token(ours, claims);
const [header = '', payload = '', signature = ''] = good.split('.');
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
const unsigned = (alg: string): string => compact({ alg, typ: 'JWT' }, claims, () => Buffer.alloc(0));
const pem = FAMILIES['RS256']!.key.kind === 'public-key' ? FAMILIES['RS256']!.key.pem : '';

/** Each really signed, most of them with our own secret. */
const ATTACKS: [string, string][] = [
  ['alg none, unsigned', unsigned('none')],
  ['alg None, unsigned', unsigned('None')],
  ['alg none, signed', token(ours, claims, { alg: 'none' })],
  ['no signature', `${header}.${payload}.`],
  ['another payload', `${header}.${encoded({ ...claims, role: 'admin' })}.${signature}`],
  ['another signature', `${header}.${payload}.${(signature[0] === 'A' ? 'B' : 'A') + signature.slice(1)}`],
  ['the secret of somebody else', token(FAMILIES['HS256']!, claims)],
  [
    'an empty secret',
    compact({ alg: 'HS256' }, claims, (data) => createHmac('sha256', '').update(data).digest()),
  ],
  ...Object.values(FAMILIES)
    .filter(({ alg }) => !alg.startsWith('HS'))
    .map((family): [string, string] => [`a key of the family ${family.alg}`, token(family, claims)]),
  ['HMAC under the name RS256', token(ours, claims, { alg: 'RS256' })],
  ['a public key as the secret', compact({ alg: 'HS256' }, claims, hmac(pem))],
  ...['jku', 'jwk', 'x5u', 'x5c', 'crit', 'b64'].map((name): [string, string] => [
    `the header ${name}`,
    token(ours, claims, { [name]: 'http://127.0.0.1:9/keys' }),
  ]),
  ...['refresh+jwt', 'logout+jwt', 'dpop+jwt', 'JWE'].map((typ): [string, string] => [
    `the type ${typ}`,
    token(ours, claims, { typ }),
  ]),
  ['a refresh token', token(ours, { ...claims, token_use: 'refresh' })],
  ['an expired token', token(ours, { ...claims, exp: now() - 60 })],
  ['a token of tomorrow', token(ours, { ...claims, nbf: now() + 600 })],
  ['a token issued tomorrow', token(ours, { ...claims, iat: now() + 600 })],
  ['an expiry that is text', token(ours, { ...claims, exp: '9999999999' })],
  ['no user', token(ours, { exp: claims.exp })],
  ['an empty user', token(ours, { ...claims, sub: '' })],
  ['a user with a line break', token(ours, { ...claims, sub: 'a\nb' })],
  ['a user that is an object', token(ours, { ...claims, sub: { $ne: '' } })],
  ['a user that is too long', token(ours, { ...claims, sub: 'x'.repeat(121) })],
  ['a user from the prototype', compact({ alg: 'HS256' }, '{"__proto__":{"sub":"root"}}', ours.sign)],
  ['a payload that is a list', compact({ alg: 'HS256' }, '[{"sub":"a"}]', ours.sign)],
  ['a payload that is no JSON', compact({ alg: 'HS256' }, '{', ours.sign)],
  ['a header that is no JSON', compact('{', claims, ours.sign)],
  ['one part', 'abc'],
  ['dots', '..'],
  ['more than 8 KiB', token(ours, { ...claims, pad: 'x'.repeat(8000) })],
];

const refusedBy = async (shape: RequestShape) => {
  const answer = await exchange(server, handshakeText(shape));
  return { status: answer?.status, challenge: answer?.headers['www-authenticate'], body: answer?.body ?? '' };
};

describe.each(ATTACKS)('%s', (_what, attack) => {
  const expectRefusal = (answer: Awaited<ReturnType<typeof refusedBy>>): void => {
    expect(answer).toMatchObject({ status: 401, challenge: 'Bearer' });
    expect(JSON.parse(answer.body)).toMatchObject({
      statusCode: 401,
      code: 'unauthenticated',
      retryable: false,
    });
    expect(answer.body).not.toMatch(/mallory|eyJ/);
  };

  it('is refused in every place of the handshake, and over REST', async () => {
    expectRefusal(await refusedBy({ headers: { Authorization: `Bearer ${attack}` } }));
    expectRefusal(await refusedBy({ headers: { 'Sec-WebSocket-Protocol': `rookery.v1, bearer.${attack}` } }));
    expectRefusal(await refusedBy({ target: `/ws?token=${encodeURIComponent(attack)}` }));
    const rest = requestText({
      target: '/api/v1/conversations',
      headers: { Host: 'x', Authorization: `Bearer ${attack}`, Connection: 'close' },
    });
    expect(await exchange(server, rest)).toMatchObject({ status: 401 });
  });

  it('is refused in the first frame, which ends the connection', async () => {
    const socket = await RawSocket.connect(server, '', { token: null });
    const answer = await socket.answerTo('auth', { token: attack });
    const code = attack.length > 8192 ? 'invalid' : 'unauthenticated';
    expect(answer).toMatchObject({ type: 'error', data: { code, retryable: false } });
    expect(await socket.closed()).toBe(4500);
    expect(socket.frames).toHaveLength(1);
  });
});

describe('a token', () => {
  it.each([
    [
      'in two places that agree',
      { headers: { Authorization: `Bearer ${good}` }, target: `/ws?token=${good}` },
      101,
    ],
    [
      'in two places that differ',
      { headers: { Authorization: `Bearer ${good}` }, target: `/ws?token=${tokenFor('bob')}` },
      401,
    ],
    ['twice in the query, the same', { target: `/ws?token=${good}&token=${good}` }, 101],
    ['twice in the query, different', { target: `/ws?token=${good}&token=${tokenFor('bob')}` }, 401],
    [
      'in two headers that differ',
      { headers: { Authorization: [`Bearer ${good}`, `Bearer ${tokenFor('bob')}`] } },
      401,
    ],
    [
      'in two sub-protocols',
      { headers: { 'Sec-WebSocket-Protocol': `bearer.${good}, bearer.${tokenFor('bob')}` } },
      401,
    ],
    ['beside a bad one', { headers: { Authorization: `Bearer ${good}` }, target: '/ws?token=a.b.c' }, 401],
    ['with another scheme', { headers: { Authorization: `Basic ${good}` } }, 401],
    ['without a scheme', { headers: { Authorization: good } }, 401],
    ['that is missing after its scheme', { headers: { Authorization: 'Bearer' } }, 401],
    ['that is empty as a sub-protocol', { headers: { 'Sec-WebSocket-Protocol': 'bearer.' } }, 401],
  ] as [string, RequestShape, number][])('%s', async (_what, shape, status) => {
    expect((await refusedBy(shape)).status).toBe(status);
  });

  it('in the query of a REST call counts for nothing', async () => {
    expect((await fetch(`${server.url}/api/v1/conversations?token=${good}`)).status).toBe(401);
  });
});

describe('before it is authenticated a connection', () => {
  const stranger = (): Promise<RawSocket> => RawSocket.connect(server, '', { token: null });

  it('has a few seconds to bring a token here, then it is closed', async () => {
    const socket = await stranger();
    expect(await socket.closed()).toBe(4500);
    expect(socket.frames).toEqual([]);
  });

  it('does not gain time by pings and pieces', async () => {
    const socket = await stranger();
    const busy = setInterval(() => socket.send({ opcode: 9 }), 100);
    socket.send({ fin: false, payload: '{' });
    expect(await socket.closed()).toBe(4500);
    clearInterval(busy);
  });

  it.each([
    ['ping', '{"type":"ping","id":"x"}', 'unauthenticated'],
    [
      'chat.send',
      '{"type":"chat.send","id":"x","data":{"to":"victim","kind":"text","content":"boo"}}',
      'unauthenticated',
    ],
    ['an unknown command', '{"type":"nonsense","id":"x"}', 'unauthenticated'],
    ['auth without data', '{"type":"auth","id":"x"}', 'invalid'],
    [
      'auth with more than it takes',
      `{"type":"auth","id":"x","data":{"token":"${good}","role":"admin"}}`,
      'invalid',
    ],
    [
      'auth with a bad device',
      `{"type":"auth","id":"x","data":{"token":"${good}","device":"a b"}}`,
      'invalid',
    ],
    ['no JSON', 'hello', 'bad_frame'],
    [
      'auth with __proto__',
      `{"type":"auth","id":"x","data":{"token":"${good}","__proto__":{}}}`,
      'bad_frame',
    ],
    ['depth', '['.repeat(1000) + ']'.repeat(1000), 'too_deep'],
  ])('is closed for a first frame that is %s', async (_what, frame, code) => {
    const socket = await stranger();
    socket.send(frame);
    expect(await socket.closed()).toBe(4500);
    expect(socket.frames).toHaveLength(1);
    expect(socket.frames[0]?.data as ErrorData).toMatchObject({ code, retryable: false });
  });

  it('is not heard after its first frame failed, whatever came with it', async () => {
    const socket = await stranger();
    const auth = JSON.stringify({ type: 'auth', id: 'late', data: { token: tokenFor('latecomer') } });
    const send = { type: 'chat.send', id: 's', data: { to: 'victim', kind: 'text', content: 'boo' } };
    socket.send('{"type":"ping"}', auth, JSON.stringify(send));
    expect(await socket.closed()).toBe(4500);
    expect(socket.frames).toHaveLength(1);
    const victim = await RawClient.connect(server, 'victim');
    expect((await victim.call('chat.sync', {})).conversations).toEqual([]);
    await victim.close();
  });

  it('is not heard after its time was over, even if it keeps its end open', async () => {
    const socket = await RawSocket.connect(server, '', { token: null, polite: false });
    await socket.until(() => socket.closeCode !== undefined);
    const auth = JSON.stringify({ type: 'auth', id: 'late', data: { token: tokenFor('latecomer') } });
    const send = { type: 'chat.send', id: 's', data: { to: 'victim', kind: 'text', content: 'boo' } };
    socket.send(auth, JSON.stringify(send));
    await socket.closed();
    expect(socket.frames).toEqual([]);
    const victim = await RawClient.connect(server, 'victim');
    expect((await victim.call('chat.sync', {})).conversations).toEqual([]);
    await victim.close();
  });

  it('receives nothing of what everybody is told', async () => {
    const [socket, friend] = [await stranger(), await RawClient.connect(server, 'friend')];
    const told = await fetch(`${server.url}/api/ws/broadcast`, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}`,
        'Content-Type': 'application/json',
      },
      body: JSON.stringify({ type: 'news', content: 'for users', ephemeral: true }),
    });
    expect(await told.json()).toEqual({ id: null, connections: 1 });
    await friend.event('notification.message');
    expect(await socket.closed()).toBe(4500);
    expect(socket.frames).toEqual([]);
    await friend.close();
  });

  it('becomes a connection by a good one: hello, then the answer', async () => {
    const socket = await stranger();
    const answer = await socket.answerTo('auth', { token: good, device: 'd1', sync: 'self' });
    expect(socket.frames.map(({ type }) => type)).toEqual(['hello', 'ok']);
    expect(answer.data).toEqual({ user: 'mallory', expiresAt: claims.exp * 1000 });
    expect(socket.frames[0]?.data).toMatchObject({ user: 'mallory', device: 'd1', sync: 'self' });
    socket.destroy();
  });
});

describe('WS_QUERY_TOKEN=false', () => {
  let strict: TestServer;
  beforeAll(async () => {
    strict = await TestServer.start({ env: { WS_QUERY_TOKEN: 'false' } });
  });
  afterAll(() => strict.stop());

  it('refuses a token in the query, and says so', async () => {
    const answer = await exchange(strict, handshakeText({ target: `/ws?token=${good}` }));
    expect(answer?.status).toBe(401);
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({
      code: 'unauthenticated',
      message: 'A token in the query string is not accepted by this server',
    });
  });

  it('passes it over where the header brings one', async () => {
    const shape = { target: `/ws?token=other`, headers: { Authorization: `Bearer ${good}` } };
    expect(await exchange(strict, handshakeText(shape))).toMatchObject({ status: 101 });
  });
});

describe('failed authentications', () => {
  let limited: TestServer;
  beforeAll(async () => {
    limited = await TestServer.start({ env: { TRUSTED_PROXIES: '127.0.0.1' } });
  });
  afterAll(() => limited.stop());
  const from = (ip: string, bearer: string): RequestShape => ({
    headers: { 'X-Forwarded-For': ip, Authorization: `Bearer ${bearer}` },
  });

  it('are limited for each address, on a live connection too', async () => {
    const live = await RawSocket.connect(limited, 'alice', {
      headers: { 'X-Forwarded-For': '198.51.100.1' },
    });
    for (let index = 0; index < 900; index++)
      live.sendJson({ type: 'auth', id: index, data: { token: 'a.b.c' } });
    await live.frame(({ id }) => id === 899);
    for (let index = 0; index < 10; index++) {
      const batch = Array.from({ length: 10 }, () =>
        exchange(limited, handshakeText(from('198.51.100.1', 'a.b.c'))),
      );
      for (const answer of await Promise.all(batch)) expect(answer?.status).toBe(401);
    }
    const answer = await exchange(limited, handshakeText(from('198.51.100.1', good)));
    expect(answer?.status).toBe(429);
    expect(Number(answer?.headers['retry-after'])).toBeGreaterThan(0);
    expect(await live.answerTo('auth', { token: tokenFor('alice') })).toMatchObject({
      type: 'error',
      data: { code: 'rate_limited', retryable: true },
    });
    const rest = await fetch(`${limited.url}/api/v1/conversations`, {
      headers: { Authorization: `Bearer ${good}`, 'X-Forwarded-For': '198.51.100.1' },
    });
    expect(rest.status).toBe(429);
    expect(await exchange(limited, handshakeText(from('198.51.100.2', good)))).toMatchObject({ status: 101 });
    live.destroy();
  });
});
