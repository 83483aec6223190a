import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { HouseRulesModule } from '../../examples/house-rules.js';
import { OrderModule } from '../../examples/order-paid.js';
import { TeamDirectory, Teams, TeamsModule } from '../../examples/team-directory.js';
import { WhiteboardModule } from '../../examples/whiteboard-gateway.js';
import { createApp, loadConfig } from '../../src/index.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TEST_SECRET } from '../support/server.js';

const EXAMPLES = resolve(import.meta.dirname, '../../examples');
const files = readdirSync(EXAMPLES).filter((name) => name.endsWith('.ts'));

/** All of them in one server, as a reader would have them. */
describe('the examples', () => {
  let app: NestExpressApplication;
  let folder: string;
  let url: string;
  let clients: RawClient[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'rookery-examples-'));
    const config = loadConfig({
      DATABASE_URL: `sqlite:${join(folder, 'x.db')}`,
      JWT_SECRET: TEST_SECRET,
      LOG_LEVEL: 'silent',
      MESSAGE_POLICY: 'contacts',
    });
    const modules = [OrderModule, WhiteboardModule, TeamsModule, HouseRulesModule];
    app = await createApp(config, modules, { contactDirectory: TeamDirectory });
    await app.listen(0, '127.0.0.1');
    url = await app.getUrl();
    for (const user of ['ann', 'bob']) app.get(Teams).assign(user, 'red');
    app.get(Teams).assign('eve', 'blue');
  });
  afterEach(async () => {
    await Promise.all(clients.map((client) => client.close()));
    clients = [];
  });
  afterAll(async () => {
    await app?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const connect = async (user: string): Promise<RawClient> => {
    const client = await RawClient.connect({ port: Number(new URL(url).port) }, user);
    clients.push(client);
    return client;
  };

  it.each(files)('%s is short', (name) => {
    expect(readFileSync(join(EXAMPLES, name), 'utf8').trimEnd().split('\n').length).toBeLessThan(60);
    expect(readFileSync(join(EXAMPLES, 'README.md'), 'utf8')).toContain(`[\`${name}\`](${name})`);
  });

  it('order-paid tells the customer once, for services only', async () => {
    const pay = async (claims: Record<string, unknown>, body: unknown) => {
      const headers = {
        'Content-Type': 'application/json',
        Authorization: `Bearer ${tokenFor('billing', claims)}`,
      };
      const init = { method: 'POST', headers, body: JSON.stringify(body) };
      const answer = await fetch(`${url}/orders/42/paid`, init);
      return { status: answer.status, body: (await answer.json()) as unknown };
    };
    const payment = { customer: 'ann', total: 9.5 };
    const ann = await connect('ann');
    expect(await pay({}, payment)).toMatchObject({ status: 403 });
    const service = { roles: ['billing'] };
    expect(await pay(service, { customer: 'ann' })).toMatchObject({
      status: 400,
      body: { details: [{ field: 'total' }] },
    });
    expect(await pay(service, payment)).toEqual({ status: 202, body: { told: 'ann', duplicate: false } });
    expect(await pay(service, payment)).toEqual({ status: 202, body: { told: 'ann', duplicate: true } });
    expect((await ann.event('notification.message')).data).toMatchObject({
      type: 'order_status',
      content: { id: '42', status: 'paid', total: 9.5 },
    });
    await ann.call('ping');
    expect(ann.dataOf('notification.message')).toHaveLength(1);
  });

  it('whiteboard-gateway shows members of a group what one draws, and strangers nothing', async () => {
    const [ann, bob, eve] = [await connect('ann'), await connect('bob'), await connect('eve')];
    const { id: group } = await ann.call('group.create', { name: 'Sketch', visibility: 'open' });
    await bob.call('group.join', { conversation: group });
    const draw = async (client: RawClient, data: unknown) => {
      client.sendFrame({ type: 'whiteboard.draw', id: 'd', data });
      return client.frame(({ id }) => id === 'd');
    };
    const points = [
      [1, 2],
      [3, 4],
    ];
    expect(await draw(ann, { group, points })).toEqual({ type: 'ok', id: 'd', data: { reached: 1 } });
    expect((await bob.event('whiteboard.stroke')).data).toEqual({ group, points, by: 'ann' });
    expect(await draw(eve, { group, points })).toMatchObject({ type: 'error', data: { code: 'not_found' } });
    expect(await draw(bob, { group, points: 'a line' })).toMatchObject({
      type: 'error',
      data: { code: 'invalid', details: [{ field: 'points' }] },
    });
  });

  it('team-directory decides who may write to whom', async () => {
    const [ann, bob] = [await connect('ann'), await connect('bob')];
    await ann.call('chat.send', { to: 'bob', kind: 'text', content: 'hi' });
    expect((await bob.event('chat.message')).data).toMatchObject({ from: 'ann', content: 'hi' });
    const stranger = ann.call('chat.send', { to: 'eve', kind: 'text', content: 'hi' });
    await expect(stranger).rejects.toThrow('refused');
    await expect(ann.call('contact.list', {})).rejects.toThrow('unknown_command');
  });

  it('house-rules refuses, rewrites, and answers a retry as the first time', async () => {
    const [ann, bob] = [await connect('ann'), await connect('bob')];
    const card = ann.call('chat.send', { to: 'bob', kind: 'text', content: 'pay with 4111 1111 1111 1111' });
    await expect(card).rejects.toThrow('Card numbers do not belong in a chat');
    const rude = { to: 'bob', kind: 'text', content: 'Oh darn!', clientId: 'rude-1' } as const;
    const first = await ann.call('chat.send', rude);
    expect(await ann.call('chat.send', rude)).toEqual({ ...first, duplicate: true });
    const { data } = await bob.frame((frame) => (frame.data as { seq?: number }).seq === first.seq);
    expect(data).toMatchObject({ content: 'Oh ****!' });
  });
});
