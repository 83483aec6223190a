import { describe, expect, it } from 'vitest';
import type { NotificationMessage } from '@rookery/protocol';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { useServer } from '../support/use-server.js';

const stage = useServer();

const connect = async (user: string, claims: Record<string, unknown> = {}): Promise<RawClient> => {
  return stage.connect(user, { token: tokenFor(user, claims) });
};
const administrator = () => connect('root', { role: 'admin' });
const seen = (client: RawClient) =>
  client.dataOf<NotificationMessage>('notification.message').map(({ seq, content }) => [seq, content]);

describe('notification.send', () => {
  it('tells one user and nobody else, also one who comes later', async () => {
    const [root, amy, ben] = await Promise.all([administrator(), connect('amy'), connect('ben')]);
    const data = { to: 'amy', type: 'order', content: { n: 1 } };
    const stored = await root.call('notification.send', data);
    expect(stored).toMatchObject({ conversation: 'inbox:amy', seq: 1, duplicate: false });
    await amy.event('notification.message');
    await root.call('notification.send', { ...data, to: 'cleo' });
    const cleo = await connect('cleo');
    await cleo.event('notification.message');
    await ben.call('ping');
    expect([seen(amy), seen(cleo), seen(ben)]).toEqual([[[1, { n: 1 }]], [[1, { n: 1 }]], []]);
  });

  it('stores a repeated client id once, and refuses it with other content', async () => {
    const root = await administrator();
    const data = { to: 'dan', type: 'order', content: 1, clientId: 'k' };
    const first = await root.call('notification.send', data);
    expect(await root.call('notification.send', data)).toEqual({ ...first, duplicate: true });
    const other = root.call('notification.send', { ...data, content: 2 });
    await expect(other).rejects.toMatchObject({ data: { code: 'conflict', retryable: false } });
  });
});

describe('notification.broadcast', () => {
  it('tells everybody in the order of the answers, however many are outstanding', async () => {
    const [root, eve, fay] = await Promise.all([administrator(), connect('eve'), connect('fay')]);
    const stored = await Promise.all(
      Array.from({ length: 50 }, (_, n) => root.call('notification.broadcast', { type: 'news', content: n })),
    );
    const expected = stored.map(({ seq }, n) => [seq, n]);
    for (const client of [root, eve, fay]) {
      await client.until(() => seen(client).length === 50);
      expect(seen(client)).toEqual(expected);
    }
  });
});

describe.each([
  ['notification.send', { to: 'amy', type: 'order', content: 1 }],
  ['notification.broadcast', { type: 'news', content: 1 }],
] as const)('%s without the role', (command, data) => {
  it('is forbidden, and tells nobody', async () => {
    const [amy, mallory] = await Promise.all([connect('amy'), connect('mallory', { role: 'user' })]);
    await amy.event('chat.synced');
    const before = seen(amy).length;
    const refused = mallory.call(command as 'notification.broadcast', data);
    await expect(refused).rejects.toMatchObject({ data: { code: 'forbidden', retryable: false } });
    await amy.call('ping');
    expect(seen(amy)).toHaveLength(before);
  });

  it('is open no longer when a newer token has lost it', async () => {
    const root = await administrator();
    await root.call('auth', { token: tokenFor('root') });
    const refused = root.call(command as 'notification.broadcast', data);
    await expect(refused).rejects.toMatchObject({ data: { code: 'forbidden' } });
  });
});
