import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage } from '@rookery/protocol';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { RawSocket } from '../support/raw-socket.js';
import { TestServer } from '../support/server.js';

let server: TestServer;
beforeAll(async () => {
  server = await TestServer.start({ env: { JWT_LEEWAY: '1' } });
});
afterAll(() => server.stop());

/** Valid for this many seconds. */
const shortLived = (user: string, seconds: number, claims: object = {}): string =>
  tokenFor(user, { exp: Math.floor(Date.now() / 1000) + seconds, ...claims });

describe('a token that ends on a live connection', () => {
  it('is announced, and closes it with 4002 when the leeway is over', async () => {
    const token = shortLived('alice', 3);
    const alice = await RawClient.connect(server, 'alice', { token });
    const { data } = await alice.event('auth.expiring');
    const { expiresAt } = data as { expiresAt: number };
    expect(Date.now()).toBeLessThan(expiresAt);
    expect(await alice.closed()).toBe(4002);
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt + 1000);
    expect(Date.now()).toBeLessThan(expiresAt + 3500);
    expect(alice.dataOf('auth.expiring')).toHaveLength(1);
  });

  it('may be renewed in time, and no message is lost over it', async () => {
    const bob = await RawClient.connect(server, 'bob', { token: shortLived('bob', 3) });
    const carol = await RawClient.connect(server, 'carol');
    const witness = await RawClient.connect(server, 'carol', { token: shortLived('carol', 3) });
    let sent = 0;
    const sending = (async () => {
      for (; sent < 400 && witness.closeCode === undefined; sent++)
        await carol.call('chat.send', { to: 'bob', kind: 'text', content: String(sent) });
    })();
    await bob.event('auth.expiring');
    const renewed = await bob.call('auth', { token: shortLived('bob', 60, { role: 'admin' }) });
    expect(renewed).toEqual({ user: 'bob', expiresAt: expect.any(Number) });
    expect(await witness.closed()).toBe(4002);
    await sending;
    await bob.until(() => bob.dataOf('chat.message').length === sent);
    expect(bob.dataOf<ChatMessage>('chat.message').map(({ content }) => Number(content))).toEqual(
      Array.from({ length: sent }, (_, index) => index),
    );
    expect(bob.closeCode).toBeUndefined();
    await Promise.all([bob.close(), carol.close()]);
  });

  it('is not renewed by the token of another user, nor by a bad one, and lives on until its end', async () => {
    const dave = await RawClient.connect(server, 'dave', { token: shortLived('dave', 2) });
    await expect(dave.call('auth', { token: tokenFor('eve') })).rejects.toMatchObject({
      data: { code: 'forbidden', retryable: false },
    });
    await expect(dave.call('auth', { token: 'a.b.c' })).rejects.toMatchObject({
      data: { code: 'unauthenticated' },
    });
    await expect(dave.call('auth', { token: shortLived('dave', -60) })).rejects.toMatchObject({
      data: { code: 'unauthenticated' },
    });
    await dave.call('ping');
    expect(await dave.closed()).toBe(4002);
  });

  it('ends what a hostile client may do, even if it ignores the close', async () => {
    const eve = await RawSocket.connect(server, 'eve', { token: shortLived('eve', 1), polite: false });
    await eve.until(() => eve.closeCode !== undefined);
    expect(eve.closeCode).toBe(4002);
    eve.sendJson({ type: 'chat.send', id: 1, data: { to: 'frank', kind: 'text', content: 'still here' } });
    await eve.closed();
    const frank = await RawClient.connect(server, 'frank');
    expect((await frank.call('chat.sync', {})).conversations).toEqual([]);
    await frank.close();
  });

  it('that never ends is never announced', async () => {
    const grace = await RawClient.connect(server, 'grace', { token: tokenFor('grace', { exp: undefined }) });
    expect((await grace.event('hello')).data).toMatchObject({ expiresAt: null });
    expect(await grace.call('auth', { token: shortLived('grace', 600) })).toMatchObject({ user: 'grace' });
    await grace.close();
  });
});
