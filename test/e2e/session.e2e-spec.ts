import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { RawClient, tokenFor, type ConnectOptions } from '../support/raw-client.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

let server: TestServer;
let clients: RawClient[] = [];

/** Starts a server for the tests of one block. */
function useServer(env: Record<string, string> = {}): void {
  beforeAll(async () => {
    server = await TestServer.start({ env });
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  });
  afterAll(() => server.stop());
}
const connect = async (user: string, query: ConnectOptions['query'] = {}): Promise<RawClient> => {
  const client = await RawClient.connect(server, user, { query });
  clients.push(client);
  return client;
};
const onlineUsers = async (): Promise<number> =>
  ((await (await fetch(`${server.url}/stats`)).json()) as { online_users: number }).online_users;

describe('the session policy single', () => {
  useServer({ WS_SESSION_POLICY: 'single' });

  it('keeps the newest connection of a user and closes the older with 4501', async () => {
    const [first, other] = [await connect('alice', { platform: 'web' }), await connect('bob')];
    const second = await connect('alice', { platform: 'ios' });
    expect(await first.closed()).toBe(4501);
    await Promise.all([second.call('ping'), other.call('ping')]);
    expect(await onlineUsers()).toBe(2);
  });

  it('leaves one, however many come at once', async () => {
    const many = await Promise.all(Array.from({ length: 8 }, () => connect('carol')));
    await vi.waitUntil(() => many.filter(({ closeCode }) => closeCode === 4501).length === 7);
    const left = many.find(({ closeCode }) => closeCode === undefined);
    await left?.call('ping');
    expect(await onlineUsers()).toBe(1);
  });

  it('the replaced one is not heard any more', async () => {
    const hostile = await RawSocket.connect(server, 'dave', { polite: false });
    const newer = await connect('dave');
    await hostile.until(() => hostile.closeCode !== undefined);
    expect(hostile.closeCode).toBe(4501);
    hostile.sendJson({ type: 'chat.send', id: 1, data: { to: 'erin', kind: 'text', content: 'still here' } });
    await hostile.closed();
    expect((await newer.call('chat.sync', {})).conversations).toEqual([]);
  });
});

describe('the session policy per-platform', () => {
  useServer({ WS_SESSION_POLICY: 'per-platform' });

  it('keeps the newest of each platform', async () => {
    const [web, ios] = [
      await connect('alice', { platform: 'web' }),
      await connect('alice', { platform: 'ios' }),
    ];
    const newer = await connect('alice', { platform: 'web' });
    expect(await web.closed()).toBe(4501);
    await Promise.all([ios.call('ping'), newer.call('ping')]);
  });

  it('takes connections that name none for one platform', async () => {
    const nameless = await connect('bob');
    await connect('bob');
    expect(await nameless.closed()).toBe(4501);
  });
});

describe('the session policy multi', () => {
  useServer();

  it('keeps all, except two of the same named device', async () => {
    const [a, b] = [await connect('alice'), await connect('alice')];
    const old = await connect('alice', { device: 'phone' });
    const other = await connect('bob', { device: 'phone' });
    await connect('alice', { device: 'phone' });
    expect(await old.closed()).toBe(4501);
    await Promise.all([a, b, other].map((client) => client.call('ping')));
  });
});

describe('the heartbeat', () => {
  useServer({ WS_PING_INTERVAL: '1', WS_PONG_TIMEOUT: '4', WS_MAX_CONNECTIONS: '2' });

  it('closes who shows no sign of life with 4000, and frees the place', async () => {
    const [dead, alive] = [await RawSocket.connect(server, 'dead'), await connect('alive')];
    expect(await dead.closed()).toBe(4000);
    await expect.poll(onlineUsers).toBe(1);
    await connect('next');
    await alive.call('ping');
  });

  it('does not wait for a peer that is gone without a word', async () => {
    const gone = await RawSocket.connect(server, 'gone', { polite: false });
    gone.socket.pause();
    await expect.poll(onlineUsers, { timeout: 20_000 }).toBe(0);
    await Promise.all([connect('a'), connect('b')]);
    gone.destroy();
  });

  it('takes any frame for life', async () => {
    const talker = await RawSocket.connect(server, 'talker');
    for (let index = 0; index < 3; index++) {
      const pings = new Promise((resolve) => setTimeout(resolve, 2_000));
      await talker.answerTo('ping');
      await pings;
    }
    expect(talker.closeCode).toBeUndefined();
    talker.destroy();
  });
});

describe('logging out', () => {
  useServer();
  const logout = async (caller: string | undefined, body: unknown, claims?: object) => {
    const authorization = caller && { Authorization: `Bearer ${tokenFor(caller, { ...claims })}` };
    const response = await fetch(`${server.url}/user/wsLogout`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...authorization },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };
  const success = { status: 200, text: '{"code":1000,"msg":"success","data":null}' };

  it('closes all connections of the caller with 4502', async () => {
    const [one, two, other] = [await connect('alice'), await connect('alice'), await connect('bob')];
    expect(await logout('alice', { owner_id: 'alice' })).toEqual(success);
    expect(await Promise.all([one.closed(), two.closed()])).toEqual([4502, 4502]);
    await other.call('ping');
  });

  it('may be done by an administrator, also for an id that is a number', async () => {
    const seven = await connect('7');
    expect(await logout('root', { owner_id: 7 }, { role: 'admin' })).toEqual(success);
    expect(await seven.closed()).toBe(4502);
  });

  it('answers the same for who is not connected', async () => {
    expect(await logout('nobody', { owner_id: 'nobody' })).toEqual(success);
  });

  it('may not be done by another', async () => {
    const alice = await connect('alice');
    expect((await logout('mallory', { owner_id: 'alice' })).status).toBe(403);
    expect((await logout(undefined, { owner_id: 'alice' })).status).toBe(401);
    await alice.call('ping');
  });

  it.each([[{}], [{ owner_id: '' }], [{ owner_id: null }], [{ owner_id: 1.5 }], [{ owner_id: ['alice'] }]])(
    'refuses %j naming the field',
    async (body) => {
      const answer = await logout('root', body, { role: 'admin' });
      expect(answer.status).toBe(400);
      expect(JSON.parse(answer.text)).toMatchObject({ code: 'invalid', details: [{ field: 'owner_id' }] });
    },
  );

  it('a client that ignores the close is not heard any more', async () => {
    const hostile = await RawSocket.connect(server, 'hostile', { polite: false });
    await logout('hostile', { owner_id: 'hostile' });
    await hostile.until(() => hostile.closeCode !== undefined);
    hostile.sendJson({
      type: 'chat.send',
      id: 1,
      data: { to: 'victim', kind: 'text', content: 'still here' },
    });
    await hostile.closed();
    expect(hostile.frames.some(({ id }) => id === 1)).toBe(false);
    const victim = await connect('victim');
    expect((await victim.call('chat.sync', {})).conversations).toEqual([]);
  });
});

describe('cutting a user off', () => {
  useServer();
  const cut = (user: string, role?: string): Promise<Response> =>
    fetch(`${server.url}/api/v1/users/${encodeURIComponent(user)}/connections`, {
      method: 'DELETE',
      headers: { Authorization: `Bearer ${tokenFor('root', { role })}` },
    });

  it('closes with 4503 and says how many', async () => {
    const [one, two] = [await connect('a/b c'), await connect('a/b c')];
    const response = await cut('a/b c', 'admin');
    expect([response.status, await response.json()]).toEqual([200, { closed: 2 }]);
    expect(await Promise.all([one.closed(), two.closed()])).toEqual([4503, 4503]);
    expect(await (await cut('a/b c', 'admin')).json()).toEqual({ closed: 0 });
  });

  it('is for administrators', async () => {
    const alice = await connect('alice');
    expect((await cut('alice')).status).toBe(403);
    await alice.call('ping');
  });
});
