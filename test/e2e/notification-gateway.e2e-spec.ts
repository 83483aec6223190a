import { describe, expect, it } from 'vitest';
import type { NotificationMessage } from '@rookery/protocol';
import { api } from '../support/api.js';
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

describe('a template', () => {
  it('is filled in the language of each reader, and a repetition is known by it', async () => {
    for (const [locale, content] of [
      ['default', 'Order {{ n }}'],
      ['de', 'Bestellung {{ n }}'],
    ]) {
      const path = `/api/v1/admin/notification-templates/order/${locale}`;
      const { status } = await api(stage.server, 'PUT', path, {
        role: 'admin',
        user: 'root',
        body: { content },
      });
      expect(status).toBeLessThan(300);
    }
    const [root, gus, hal] = await Promise.all([administrator(), connect('gus'), connect('hal')]);
    await gus.call('notification.locale', { locale: 'de' });
    const template = { name: 'order', data: { n: 7 } };
    const data = { type: 'order', template, audience: { users: ['gus', 'hal'] }, clientId: 'order7' };
    const stored = await root.call('notification.broadcast', data);
    const said = async (client: RawClient) => {
      await client.until(() => seen(client).some(([seq]) => seq === stored.seq));
      return seen(client).find(([seq]) => seq === stored.seq)?.[1];
    };
    expect([await said(gus), await said(hal)]).toEqual(['Bestellung 7', 'Order 7']);
    expect(await root.call('notification.broadcast', data)).toEqual({ ...stored, duplicate: true });
    await root.call('notification.send', {
      to: 'hal',
      type: 'order',
      template: { ...template, data: { n: 8 } },
    });
    await hal.until(() => seen(hal).some(([, content]) => content === 'Order 8'));
    for (const refused of [
      root.call('notification.send', { to: 'hal', type: 'order', template: { name: 'absent' } }),
      root.call('notification.schedule', {
        type: 'order',
        template: { name: 'absent' },
        at: Date.now() + 1e6,
      }),
    ])
      await expect(refused).rejects.toMatchObject({ data: { code: 'not_found' } });
    const both = root.call('notification.send', { to: 'hal', type: 'order', template, content: 1 });
    await expect(both).rejects.toMatchObject({ data: { code: 'invalid', details: [{ field: 'content' }] } });
  });
});

describe('notification.schedule', () => {
  it('tells at its time, once, and not what was cancelled', async () => {
    const [root, ida] = await Promise.all([administrator(), connect('ida')]);
    const at = Date.now() + 1500;
    const data = { to: 'ida', type: 'order', content: 'soon', at, clientId: 'soon' };
    const waiting = await root.call('notification.schedule', data);
    expect(waiting).toMatchObject({ state: 'pending', at, target: { to: 'ida' }, duplicate: false });
    expect(await root.call('notification.schedule', data)).toMatchObject({ id: waiting.id, duplicate: true });
    const cancelled = await root.call('notification.schedule', { ...data, content: 'never', clientId: 'n' });
    expect(await root.call('notification.cancel', { id: cancelled.id })).toBeNull();
    expect(await root.call('notification.cancel', { id: cancelled.id })).toBeNull();
    // Broadcasts of before come first.
    const told = () => seen(ida).filter(([, content]) => ['soon', 'never'].includes(content as string));
    await ida.until(() => told().length > 0);
    expect(Date.now()).toBeGreaterThanOrEqual(at);
    const late = root.call('notification.cancel', { id: waiting.id });
    await expect(late).rejects.toMatchObject({ data: { code: 'conflict' } });
    await ida.call('ping');
    expect(told()).toEqual([[1, 'soon']]);
    const past = root.call('notification.schedule', { ...data, at: 1, clientId: 'past' });
    await expect(past).rejects.toMatchObject({ data: { code: 'invalid', details: [{ field: 'at' }] } });
  });
});

describe.each([
  ['notification.schedule', { type: 'news', content: 1, at: 8e12 }],
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
