import { createHmac, generateKeyPairSync, randomBytes } from 'node:crypto';
import { afterEach, describe, expect, it } from 'vitest';
import { RawClient } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';

/** Production refuses the secret that all the tests know. */
const production = () => ({ NODE_ENV: 'production', JWT_SECRET: randomBytes(32).toString('base64url') });

describe('the demo sign-in', () => {
  let server: TestServer;
  afterEach(() => server.stop());

  const start = async (env: Record<string, string> = {}): Promise<void> => {
    server = await TestServer.start({ env });
  };
  const signIn = (body: unknown, headers: Record<string, string> = { 'Content-Type': 'application/json' }) =>
    fetch(`${server.url}/chat/session`, { method: 'POST', headers, body: JSON.stringify(body) });
  const get = (path: string) => fetch(server.url + path, { redirect: 'manual' });

  it('gives a token that connects, for a name in any script, and that opens nothing else', async () => {
    await start();
    const response = await signIn({ name: '  Zoë de la Cruz 花子 ' });
    expect(response.status).toBe(201);
    const { token, user } = (await response.json()) as { token: string; user: string };
    expect(user).toBe('Zoë de la Cruz 花子');
    const client = await RawClient.connect(server, user, { token });
    expect((await client.event('hello')).data).toMatchObject({ user });
    await client.close();
    const status = await fetch(`${server.url}/api/ws/status`, {
      headers: { Authorization: `Bearer ${token}` },
    });
    expect(status.status).toBe(403);
  });

  it('names the servers that help calls through routers, with credentials of this person', async () => {
    const turn = 'turn:turn.example.com:3478';
    const secret = 'known to the TURN server';
    const env = { CHAT_PAGE_ICE_SERVERS: `stun:stun.example.com, ${turn}`, CHAT_PAGE_TURN_SECRET: secret };
    await start(env);
    const { iceServers } = (await (await signIn({ name: 'zoe' })).json()) as {
      iceServers: { username: string }[];
    };
    const { username } = iceServers[1]!;
    const credential = createHmac('sha1', secret).update(username).digest('base64');
    expect(iceServers).toEqual([{ urls: ['stun:stun.example.com'] }, { urls: [turn], username, credential }]);
    const [expires, user] = username.split(':');
    expect(user).toBe('zoe');
    expect(Number(expires)).toBeGreaterThan(Date.now() / 1000 + 11 * 3600);
  });

  it('refuses what is no name, saying what is wrong', async () => {
    await start();
    const bodies = [
      {},
      { name: '' },
      { name: ' ' },
      { name: 'a\u0000b' },
      { name: 7 },
      { name: 'a', role: 'admin' },
    ];
    for (const body of bodies) {
      const response = await signIn(body);
      expect(response.status).toBe(400);
      const details = [{ message: expect.any(String) }];
      expect(await response.json()).toMatchObject({ code: 'invalid', details });
    }
  });

  it('serves the page under a policy that lets in nothing from elsewhere', async () => {
    await start();
    expect((await get('/')).headers.get('location')).toBe('/chat');
    const page = await get('/chat');
    const policy = page.headers.get('content-security-policy') ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|\*|http:\/\//);
    const html = await page.text();
    expect(html).toContain('content="/ws"');
    expect(html).not.toMatch(/<script(?![^>]*src=)|style=|https?:\/\//);
    for (const [, path] of html.matchAll(/(?:src|href)="(\/[^"]+)"/g))
      expect((await get(path!)).status).toBe(200);
    expect((await get('/chat/..%2f..%2fpackage.json')).status).toBe(404);
  });

  it('is not there in production', async () => {
    await start(production());
    expect((await signIn({ name: 'mallory' })).status).toBe(404);
    for (const path of ['/', '/chat', '/chat/chat.js']) expect((await get(path)).status).toBe(404);
  });

  it('is there in production when it is asked for', async () => {
    await start({ ...production(), CHAT_PAGE: 'true' });
    expect((await signIn({ name: 'alice' })).status).toBe(201);
  });

  it('says why a server with a public key cannot sign anybody in', async () => {
    const { publicKey } = generateKeyPairSync('ed25519');
    const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
    await start({ JWT_SECRET: '', JWT_PUBLIC_KEY: pem });
    const response = await signIn({ name: 'alice' });
    expect(response.status).toBe(403);
    expect(await response.json()).toMatchObject({
      code: 'refused',
      message: expect.stringContaining('JWT_SECRET'),
    });
  });
});
