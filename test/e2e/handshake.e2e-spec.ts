import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { tokenFor } from '../support/raw-client.js';
import { EXAMPLE_KEY, exchange, handshakeText, requestText, type RequestShape } from '../support/raw-http.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

let server: TestServer;
const bearer = (user = 'alice') => `Bearer ${tokenFor(user)}`;

beforeAll(async () => {
  server = await TestServer.start();
});
afterAll(() => server.stop());

/** A handshake with a good token, apart from what is given. */
const shake = (shape: RequestShape = {}) =>
  exchange(server, handshakeText({ ...shape, headers: { Authorization: bearer(), ...shape.headers } }));

const refusal = async (shape: RequestShape) => {
  const answer = await shake(shape);
  return { status: answer?.status, code: (JSON.parse(answer?.body || '{}') as { code?: string }).code };
};

describe('a sound handshake', () => {
  it('is accepted with the proof of RFC 6455', async () => {
    const accept = createHash('sha1')
      .update(`${EXAMPLE_KEY}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
      .digest('base64');
    expect(await shake()).toMatchObject({ status: 101, headers: { 'sec-websocket-accept': accept } });
  });

  it.each(['WebSocket', 'WEBSOCKET'])('takes Upgrade: %s in any case', async (upgrade) => {
    expect(await shake({ headers: { Upgrade: upgrade, Connection: 'keep-alive, UPGRADE' } })).toMatchObject({
      status: 101,
    });
  });

  it.each(['/ws', '/ws/', '/ws?', '/ws?unknown=1', '/ws/?a=%zz&b=%00'])(
    'is accepted at %s',
    async (target) => {
      expect(await shake({ target })).toMatchObject({ status: 101 });
    },
  );

  it('does not negotiate compression, even if it is offered', async () => {
    const offer = 'permessage-deflate; client_max_window_bits, x-webkit-deflate-frame';
    const answer = await shake({ headers: { 'Sec-WebSocket-Extensions': offer } });
    expect(answer?.status).toBe(101);
    expect(answer?.headers).not.toHaveProperty('sec-websocket-extensions');
  });

  it.each([
    ['rookery.v1', 'rookery.v1'],
    ['other, rookery.v1', 'rookery.v1'],
    ['other', undefined],
    ['rookery.v2', undefined],
  ])('of the sub-protocols %s chooses %s', async (offered, chosen) => {
    const answer = await shake({ headers: { 'Sec-WebSocket-Protocol': offered } });
    expect(answer?.status).toBe(101);
    expect(answer?.headers['sec-websocket-protocol']).toBe(chosen);
  });

  it.each(['rookery.v1, bearer.', 'bearer.'])('never echoes the token offered as %s…', async (offered) => {
    const token = tokenFor('alice');
    const answer = await exchange(
      server,
      handshakeText({ headers: { 'Sec-WebSocket-Protocol': offered + token } }),
    );
    expect(answer?.status).toBe(101);
    expect(JSON.stringify(answer)).not.toContain(token);
    expect(JSON.stringify(answer)).not.toContain('bearer');
  });

  it('greets with who is connected, as what, and within which bounds', async () => {
    const alice = await RawSocket.connect(server, 'alice', {
      target: '/ws?device=phone-1&platform=ios&sync=self',
    });
    expect(alice.frames[0]).toEqual({
      type: 'hello',
      data: {
        protocol: 1,
        user: 'alice',
        device: 'phone-1',
        connection: expect.any(String),
        sync: 'self',
        serverTime: expect.any(Number),
        expiresAt: expect.any(Number),
        heartbeat: { interval: 30, timeout: 60 },
        limits: { maxMessageSize: 65_536, maxDepth: 16, commandsPerSecond: 1000 },
      },
    });
    alice.destroy();
  });

  it('may carry its first frames in the same packet', async () => {
    const { rawFrame } = await import('../support/raw-frames.js');
    const { converse, openSocket } = await import('../support/raw-http.js');
    const socket = await openSocket(server);
    const ping = rawFrame('{"type":"ping","id":"early"}');
    const text = Buffer.from(handshakeText({ headers: { Authorization: bearer('eager') } }));
    const result = await converse(socket, Buffer.concat([text, ping]));
    expect(result?.answer.status).toBe(101);
    let received = result?.rest.toString() ?? '';
    for await (const chunk of socket) if ((received += String(chunk)).includes('"early"')) break;
    expect(received).toContain('"type":"pong","id":"early"');
  });
});

describe('a handshake that is none', () => {
  it.each([
    ['no Sec-WebSocket-Key', { headers: { 'Sec-WebSocket-Key': undefined } }, 400],
    ['an empty key', { headers: { 'Sec-WebSocket-Key': '' } }, 400],
    ['a short key', { headers: { 'Sec-WebSocket-Key': 'c2hvcnQ=' } }, 400],
    ['a long key', { headers: { 'Sec-WebSocket-Key': `${EXAMPLE_KEY}${EXAMPLE_KEY}` } }, 400],
    ['a key that is no base64', { headers: { 'Sec-WebSocket-Key': '!!!!!!!!!!!!!!!!!!!!!!==' } }, 400],
    ['two keys', { headers: { 'Sec-WebSocket-Key': [EXAMPLE_KEY, EXAMPLE_KEY] } }, 400],
    ['the method POST', { method: 'POST', headers: { 'Content-Length': '0' } }, 405],
    ['the method PUT', { method: 'PUT', headers: { 'Content-Length': '0' } }, 405],
    ['HTTP/1.0', { version: '1.0' }, 400],
    ['an unknown path', { target: '/elsewhere' }, 404],
    ['the path in capitals', { target: '/WS' }, 404],
    ['a path below', { target: '/ws/room' }, 404],
    ['a double slash', { target: '//' }, 404],
    ['a double slash before the path', { target: '//ws' }, 404],
    ['an encoded slash', { target: '/ws%2f' }, 404],
    ['dots', { target: '/ws/../ws' }, 404],
    ['a target in absolute form', { target: 'http://rookery.test/ws' }, 404],
    ['a target in absolute form, of nobody', { target: 'http://:99999999/ws' }, 404],
    ['an asterisk', { target: '*' }, 404],
    ['brackets', { target: '/[::1' }, 404],
    ['a rubbish target', { target: '/%%%zz%00%ff{}|\\^`' }, 404],
    ['a malformed sub-protocol list', { headers: { 'Sec-WebSocket-Protocol': 'a,,b' } }, 400],
    ['a sub-protocol offered twice', { headers: { 'Sec-WebSocket-Protocol': 'a, a' } }, 400],
  ] as [string, RequestShape, number][])('with %s is answered', async (_what, shape, status) => {
    expect(await refusal(shape)).toEqual({ status, code: status === 404 ? 'not_found' : 'bad_frame' });
  });

  it.each(['8', '12', '14', '0', '', 'thirteen', '13, 8', '013', undefined])(
    'of version %j is told which one is spoken',
    async (version) => {
      expect(await shake({ headers: { 'Sec-WebSocket-Version': version } })).toMatchObject({
        status: 426,
        headers: {
          'sec-websocket-version': '13',
          upgrade: 'websocket',
          connection: expect.stringMatching(/upgrade/i),
        },
      });
    },
  );

  it('names the method that is allowed', async () => {
    const answer = await shake({ method: 'DELETE', headers: { 'Content-Length': '0' } });
    expect(answer).toMatchObject({ status: 405, headers: { allow: 'GET' } });
  });

  it.each([
    ['device', ''],
    ['device', 'x'.repeat(65)],
    ['device', 'two words'],
    ['device', '\u0000'],
    ['platform', 'p/q'],
    ['platform', 'ä'],
    ['sync', 'pull'],
    ['sync', 'PUSH'],
  ])('with %s=%j is refused by name', async (name, value) => {
    const answer = await shake({ target: `/ws?${new URLSearchParams({ [name]: value })}` });
    expect(answer?.status).toBe(400);
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      statusCode: 400,
      code: 'invalid',
      message: `The query parameter ${name} is malformed`,
      retryable: false,
    });
  });

  it('is answered in one form, and the connection ends', async () => {
    const answer = await shake({ target: '/nowhere' });
    expect(answer?.headers).toMatchObject({
      connection: 'close',
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(answer?.body.length),
    });
    expect(JSON.parse(answer?.body ?? '')).toEqual({
      statusCode: 404,
      code: 'not_found',
      message: 'No WebSocket endpoint at this path',
      retryable: false,
    });
  });

  it('with more headers than fit is answered 431', async () => {
    const answer = await shake({ headers: { 'X-Padding': 'x'.repeat(20_000) } });
    expect(answer?.status).toBe(431);
  });

  it.each([
    ['no HTTP at all', '\u0016\u0003\u0001\u0002\u0000 hello'],
    ['half a request line', 'GET\r\n\r\n'],
    ['a header without a name', 'GET /ws HTTP/1.1\r\n: x\r\n\r\n'],
    [
      'two lengths (request smuggling)',
      'POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nContent-Length: 5\r\n\r\nGET /',
    ],
    [
      'a length and chunks (request smuggling)',
      'POST /health HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    ],
    ['a bare line feed in a header', 'GET /health HTTP/1.1\r\nHost: x\r\nX: a\nb\r\n\r\n'],
  ])('%s is answered 400', async (_what, text) => {
    expect((await exchange(server, text))?.status).toBe(400);
  });

  it('CONNECT is hung up on', async () => {
    expect(await exchange(server, 'CONNECT other.example:443 HTTP/1.1\r\nHost: x\r\n\r\n')).toBeUndefined();
  });

  it('a plain GET on the path is told what it lacks', async () => {
    const answer = await exchange(server, requestText({ target: '/ws', headers: { Host: 'x' } }));
    expect(answer).toMatchObject({
      status: 426,
      headers: { upgrade: 'websocket', 'sec-websocket-version': '13' },
    });
    expect(JSON.parse(answer?.body ?? '')).toMatchObject({ statusCode: 426, code: 'bad_frame' });
  });

  it.each([
    ['no Connection header', { Connection: undefined }],
    ['Connection: close', { Connection: 'close' }],
    ['no Upgrade header', { Upgrade: undefined }],
    ['an empty Upgrade header', { Upgrade: '' }],
    ['Upgrade: http/2', { Upgrade: 'http/2' }],
  ])('%s makes it a plain request: 426', async (_what, headers) => {
    expect((await shake({ headers }))?.status).toBe(426);
  });
});

describe('an upgrade to something else', () => {
  /** What curl --http2 and the default client of Java send with every request in plain text. */
  const h2c = {
    Host: 'x',
    Connection: 'Upgrade, HTTP2-Settings',
    Upgrade: 'h2c',
    'HTTP2-Settings': 'AAMAAABkAAQAAP__',
  };

  it('is passed over, and the request is answered as if it had not asked', async () => {
    const answer = await exchange(server, requestText({ target: '/health', headers: h2c }));
    expect(answer).toMatchObject({ status: 200, body: 'OK' });
  });

  it('does not swallow the body of the request', async () => {
    const body = JSON.stringify({ type: 'note', content: 'over h2c' });
    const headers = {
      ...h2c,
      Authorization: `Bearer ${tokenFor('root', { role: 'admin' })}`,
      'Content-Type': 'application/json',
      'Content-Length': String(body.length),
    };
    const answer = await exchange(
      server,
      requestText({ method: 'POST', target: '/api/ws/broadcast', headers, body }),
    );
    expect(answer?.status).toBe(201);
  });
});

it('the process has survived all of it', async () => {
  expect(await exchange(server, requestText({ target: '/health', headers: { Host: 'x' } }))).toMatchObject({
    status: 200,
    body: 'OK',
  });
  expect(server.output).not.toMatch(/unhandled|uncaught/i);
});
