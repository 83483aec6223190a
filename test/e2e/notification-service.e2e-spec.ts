import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { RookeryClient } from '@rookery/client';
import type { NotificationMessage } from '@rookery/protocol';
import {
  DeliveryReportService,
  NotificationScheduler,
  NotificationService,
  TemplateService,
} from '../../src/index.js';
import { presenceApp, type PresenceApp } from '../support/presence-app.js';
import { tokenFor } from '../support/raw-client.js';

let app: PresenceApp;
let notifications: NotificationService;
let scheduler: NotificationScheduler;
let templates: TemplateService;
let reports: DeliveryReportService;
const clients: RookeryClient[] = [];

beforeAll(async () => {
  app = await presenceApp();
  [notifications, scheduler, templates, reports] = [
    app.app.get(NotificationService),
    app.app.get(NotificationScheduler),
    app.app.get(TemplateService),
    app.app.get(DeliveryReportService),
  ];
});
afterEach(() => {
  for (const client of clients.splice(0)) client.disconnect();
});
afterAll(() => app.stop());

/** An SDK client, and what it is told. */
async function open(user: string): Promise<{ client: RookeryClient; told: NotificationMessage[] }> {
  const client = new RookeryClient(`${app.url.replace('http', 'ws')}/ws`, {
    token: tokenFor(user),
    device: 'phone',
    webSocket: WebSocket,
  });
  clients.push(client);
  const told: NotificationMessage[] = [];
  client.on('notification', (notification) => told.push(notification));
  client.connect();
  await client.ready();
  return { client, told };
}
const ids = (told: readonly NotificationMessage[]) => told.map(({ id }) => id);

describe('other modules', () => {
  it('tell one, many and an audience from a template, each in his language', async () => {
    await templates.save('paid', 'default', { text: 'Order {{ id }} is paid' });
    await templates.save('paid', 'de', { text: 'Bestellung {{ id }} ist bezahlt' });
    const [amy, ben] = [await open('amy'), await open('ben')];
    await ben.client.call('notification.locale', { locale: 'de-AT' });
    const said = { type: 'order', template: { name: 'paid', data: { id: 42 } } };
    const one = await notifications.notifyUser('ben', said);
    const many = await notifications.notifyUsers(['amy', 'ben'], { ...said, key: 'order-42' });
    const all = await notifications.broadcast({ ...said, audience: { users: ['amy', 'ben'] } });
    await expect.poll(() => ids(ben.told)).toEqual([one.id, many[1]?.id, all.id]);
    await expect.poll(() => ids(amy.told)).toEqual([many[0]?.id, all.id]);
    const text = { text: 'Bestellung 42 ist bezahlt' };
    expect(ben.told).toMatchObject([1, 2, 3].map(() => ({ content: text, locale: 'de' })));
    expect(amy.told).toMatchObject([1, 2].map(() => ({ content: { text: 'Order 42 is paid' } })));
    const again = await notifications.notifyUsers(['amy', 'ben'], { ...said, key: 'order-42' });
    expect(again).toEqual(many.map((each) => ({ ...each, duplicate: true })));
    const list = await ben.client.call('notification.list', { limit: 10 });
    expect(list.notifications.map(({ locale }) => locale)).toEqual(['de', 'de', 'de']);
  });

  it('bring languages of their own', async () => {
    const { client, told } = await open('cleo');
    await client.call('notification.locale', { locale: 'fr' });
    await notifications.notifyUser('cleo', { type: 'x', content: 'yes', locales: { fr: 'oui', de: 'ja' } });
    await expect.poll(() => told).toMatchObject([{ content: 'oui', locale: 'fr' }]);
  });

  it('tell later, or not after all, and learn what became of it', async () => {
    const { client, told } = await open('dan');
    const at = Date.now() + 500;
    const kept = await scheduler.schedule({ to: 'dan' }, { type: 'x', content: 'later', at, key: 'k' });
    const stopped = await scheduler.schedule({ to: 'dan' }, { type: 'x', content: 'never', at });
    await scheduler.cancel(stopped.id);
    const same = await scheduler.schedule({ to: 'dan' }, { type: 'x', content: 'later', at, key: 'k' });
    expect(same).toEqual({ ...kept, duplicate: true });
    await expect.poll(() => told.map(({ content }) => content), { timeout: 5000 }).toEqual(['later']);
    await expect.poll(async () => (await scheduler.find(kept.id)).state).toBe('sent');
    const { sent } = await scheduler.find(kept.id);
    const report = () => reports.of(sent?.id ?? '');
    await expect.poll(report).toMatchObject({ users: 1, delivered: { users: 1, devices: 1 }, read: 0 });
    client.markRead(sent?.conversation ?? '', sent?.seq ?? 0);
    await expect.poll(report).toMatchObject({ read: 1 });
    await expect(scheduler.cancel(kept.id)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('schedule many at once, and overlook none', async () => {
    const scheduled = await Promise.all(
      Array.from({ length: 150 }, async (_, n) => {
        await new Promise((resolve) => setTimeout(resolve, n * 7));
        return scheduler.schedule({ to: 'eve' }, { type: 'x', content: n, at: Date.now() + 100 + (n % 10) });
      }),
    );
    const unsent = async (): Promise<string[]> => {
      const found = await Promise.all(scheduled.map(({ id }) => scheduler.find(id)));
      return found.filter(({ sent }) => !sent).map(({ id }) => id);
    };
    // One that is overlooked waits until the scheduler looks again by itself: a minute.
    await expect.poll(unsent, { timeout: 20_000 }).toEqual([]);
  });

  it.each([
    ['no content', () => notifications.notifyUser('amy', { type: 'x' }), 'invalid'],
    [
      'two contents',
      () => notifications.broadcast({ type: 'x', content: 1, template: { name: 'paid' } }),
      'invalid',
    ],
    ['no user', () => notifications.notifyUsers(['amy', ''], { type: 'x', content: 1 }), 'invalid'],
    [
      'no such template',
      () => notifications.notifyUser('amy', { type: 'x', template: { name: 'none' } }),
      'not_found',
    ],
    [
      'missing data',
      () => notifications.notifyUser('amy', { type: 'x', template: { name: 'paid' } }),
      'invalid',
    ],
    ['no such notification', () => reports.of('inbox:nobody#1'), 'not_found'],
    ['no such schedule', () => scheduler.cancel('none'), 'not_found'],
    ['the past', () => scheduler.schedule({ to: 'amy' }, { type: 'x', content: 1, at: 1 }), 'invalid'],
    [
      'too much for a schedule',
      () =>
        scheduler.schedule(
          { to: 'amy' },
          { type: 'x', content: 'x'.repeat(70_000), at: Date.now() + 60_000 },
        ),
      'too_large',
    ],
  ] as const)('are refused with a code: %s', async (_, call, code) => {
    await expect(call()).rejects.toMatchObject({ code });
  });
});
