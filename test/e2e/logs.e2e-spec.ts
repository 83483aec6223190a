import Database from 'libsql';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Hello } from '@rookery/protocol';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { exchange, handshakeText } from '../support/raw-http.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

/** No part of any of them may be found in what the server prints. */
const BODY = 'canary-body-5f1c';
const CLAIM = 'canary-claim-88aa';
const token = tokenFor('watched', { canary: CLAIM });
const bad = `${tokenFor('intruder', { canary: CLAIM }).slice(0, -6)}AAAAAA`;
const admin = `Bearer ${tokenFor('root', { role: 'admin' })}`;

const secretsOf = (jwt: string): string[] => jwt.split('.').slice(1);

describe.each(['info', 'trace'])('at the log level %s', (level) => {
  let server: TestServer;
  let connection = '';
  const ids = { sent: `trace-sent-${level}`, broken: `trace-broken-${level}` };
  const post = (path: string, body: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: admin, ...headers },
      body,
    });
  const lines = (): Record<string, unknown>[] =>
    server.output
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  const talk = async (): Promise<void> => {
    const watched = await RawClient.connect(server, 'watched', {
      token,
      query: { device: 'phone', platform: 'ios' },
    });
    connection = ((await watched.event('hello')).data as Hello).connection;
    await watched.call('chat.send', { to: 'friend', kind: 'text', content: BODY });
    await watched.call('chat.send', { to: 'friend', kind: 'custom', content: { [BODY]: BODY } });
    await expect(
      watched.call('chat.send', { to: 'friend', kind: 'text', content: { [BODY]: 1 } } as never),
    ).rejects.toThrow('invalid');
    watched.sendFrame({ type: BODY, data: BODY });
    watched.sendRaw(`{"${BODY}`);
    watched.sendRaw(Buffer.from(BODY));
    await expect(watched.call('auth', { token: bad })).rejects.toThrow('unauthenticated');
    await watched.call('auth', { token });
    await watched.close();
  };
  const knock = async (): Promise<void> => {
    for (const each of [token, bad]) {
      await exchange(server, handshakeText({ headers: { Authorization: `Bearer ${each}` } }));
      await exchange(
        server,
        handshakeText({ headers: { 'Sec-WebSocket-Protocol': `rookery.v1, bearer.${each}` } }),
      );
      for (const target of [`/ws?token=${each}`, `/nowhere?token=${each}`, `/ws?Token=${each}&device=a%20b`])
        await exchange(server, handshakeText({ target }));
      await exchange(server, handshakeText({ method: 'POST', target: `/ws?token=${each}` }));
      await fetch(`${server.url}/ws?token=${each}`);
      await fetch(`${server.url}/health?access_token=${each}&x=1`);
      await fetch(`${server.url}/nowhere?%74oken=${each}`);
      const late = await RawSocket.connect(server, '', { token: null });
      await late.answerTo('auth', { token: each });
      late.destroy();
    }
    const confused = await RawSocket.connect(server, '', { token: null });
    confused.sendJson({ type: 'auth', data: { token, [BODY]: BODY } });
    await confused.closed();
    const broken = await RawSocket.connect(server, 'watched');
    broken.send({ payload: BODY, masked: false });
    await broken.closed();
  };
  const administer = async (): Promise<void> => {
    const content = JSON.stringify({ type: 'note', to: 'friend', content: { text: BODY } });
    await post('/api/ws/send', content, { 'X-Request-Id': ids.sent });
    await post('/api/ws/send', content.slice(0, -3), { 'X-Request-Id': ids.broken });
    await post('/api/ws/broadcast', JSON.stringify({ type: 'note', content: BODY }));
    await post('/api/ws/broadcast', JSON.stringify({ type: BODY.repeat(9), content: BODY }));
    await post('/api/v1/messages', JSON.stringify({ to: 'x', kind: BODY, content: BODY }), {
      Authorization: `Bearer ${bad}`,
    });
    await post('/user/wsLogout', JSON.stringify({ owner_id: 'watched' }), {
      Authorization: `Bearer ${token}`,
    });
  };

  beforeAll(async () => {
    server = await TestServer.start({ env: { LOG_LEVEL: level } });
    await talk();
    await knock();
    await administer();
    await vi.waitUntil(() => lines().some(({ msg, code }) => msg === 'Disconnected' && code === 1000));
  });
  afterAll(() => server.stop());

  it('no token and no body is printed', () => {
    expect(server.output).not.toContain(BODY);
    for (const secret of [...secretsOf(token), ...secretsOf(bad), ...secretsOf(admin)])
      expect(server.output).not.toContain(secret);
    expect(server.output).not.toContain(CLAIM);
    expect(server.output).not.toMatch(/bearer\.ey|Bearer ey/);
  });

  it('who connected, from where, and how it ended is printed', () => {
    expect(lines()).toContainEqual(
      expect.objectContaining({
        msg: 'Connected',
        connection,
        user: 'watched',
        ip: '127.0.0.1',
        platform: 'ios',
      }),
    );
    expect(lines()).toContainEqual(
      expect.objectContaining({ msg: 'Disconnected', connection, user: 'watched', code: 1000 }),
    );
    expect(lines()).toContainEqual(
      expect.objectContaining({ msg: 'Authentication failed', ip: '127.0.0.1', reason: expect.any(String) }),
    );
  });

  it('each request is printed with its id, its path and its status', () => {
    const requestOf = (id: string) =>
      lines().find(({ req }) => (req as { id?: string } | undefined)?.id === id);
    expect(requestOf(ids.sent)).toMatchObject({
      req: { id: ids.sent, method: 'POST', url: '/api/ws/send' },
      res: { statusCode: 201 },
      responseTime: expect.any(Number),
    });
    expect(requestOf(ids.broken)).toMatchObject({ res: { statusCode: 400 } });
  });

  it('a line is one line of JSON, whatever a client sends', () => {
    for (const line of server.output.split('\n').filter((each) => each.includes('"level"')))
      expect(() => JSON.parse(line)).not.toThrow();
  });

  it.runIf(level === 'trace')('refused handshakes and commands are printed with their code', () => {
    expect(lines()).toContainEqual(
      expect.objectContaining({ msg: 'Handshake refused', status: 404, code: 'not_found', ip: '127.0.0.1' }),
    );
    expect(lines()).toContainEqual(
      expect.objectContaining({ msg: 'Command refused', code: 'bad_frame', connection, user: 'watched' }),
    );
  });
});

describe('when the store fails', () => {
  it('no body is printed with the reason', async () => {
    const server = await TestServer.start({ env: { LOG_LEVEL: 'trace' } });
    const alice = await RawClient.connect(server, 'alice');
    await alice.event('chat.synced');
    const database = new Database(server.databaseUrl.replace('sqlite:', ''));
    database.exec("CREATE TRIGGER x BEFORE INSERT ON entries BEGIN SELECT RAISE(ABORT, 'out of order'); END");
    database.close();
    const message = { to: 'bob', kind: 'text' as const, content: BODY };
    await expect(alice.call('chat.send', message)).rejects.toMatchObject({ data: { code: 'internal' } });
    await vi.waitUntil(() => server.output.includes('out of order'));
    await alice.close();
    await server.stop();
    expect(server.output).not.toContain(BODY);
  });
});
