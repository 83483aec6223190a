import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Injectable, Module } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import {
  AppError,
  BeforeConnect,
  createApp,
  loadConfig,
  type BeforeConnectHook,
  type ConnectingClient,
} from '../../src/index.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TEST_SECRET } from '../support/server.js';

const asked: unknown[] = [];

@BeforeConnect()
@Injectable()
class Door implements BeforeConnectHook {
  async beforeConnect({ principal, ip, device, platform }: ConnectingClient): Promise<void> {
    asked.push([principal.userId, ip, device, platform]);
    if (principal.userId === 'late') throw new AppError('rate_limited', { retryAfter: 7 });
    if (principal.userId === 'broken') throw new Error('a fault of the hook');
    if (principal.userId === 'nobody') await new Promise(() => undefined);
    if (principal.userId === 'mallory') throw new AppError('refused', { message: 'No subscription' });
  }
}

@Module({ providers: [Door] })
class DoorModule {}

let app: NestExpressApplication;
let folder: string;
let server: { port: number };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rookery-door-'));
  const environment = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'silent',
    PORT: '0',
    HOST: '127.0.0.1',
    JWT_SECRET: TEST_SECRET,
    DATABASE_URL: `sqlite:${join(folder, 'rookery.db')}`,
    WS_AUTH_TIMEOUT: '1',
  };
  app = await createApp(loadConfig(environment), [DoorModule]);
  await app.listen(0, '127.0.0.1');
  server = { port: Number(new URL(await app.getUrl()).port) };
});
beforeEach(() => void asked.splice(0));
afterAll(async () => {
  await app.close();
  rmSync(folder, { recursive: true, force: true });
});

/** The answer to a handshake that is refused. */
const refusalOf = (user: string) =>
  fetch(`http://127.0.0.1:${server.port}/ws`, {
    headers: { Authorization: `Bearer ${tokenFor(user)}` },
  });

it('sees who connects, from where and with what, and lets him in', async () => {
  const query = { device: 'd1', platform: 'web' };
  const amy = await RawClient.connect(server, 'amy', { query });
  expect(asked).toEqual([['amy', '127.0.0.1', 'd1', 'web']]);
  await amy.call('ping');
  await amy.close();
});

it.each([
  ['mallory', 403],
  ['late', 429],
  ['broken', 500],
  ['nobody', 503],
])('refuses the handshake of %s with %i', async (user, status) => {
  // No upgrade is asked for here: what refuses an upgrade is seen by the socket.
  expect((await refusalOf(user)).status).toBe(426);
  const connecting = RawClient.connect(server, user);
  await expect(connecting).rejects.toThrow(`Unexpected server response: ${status}`);
  expect(asked).toHaveLength(1);
});

it('refuses a token of the first frame with an error and a close', async () => {
  const query = { device: 'd2' };
  const client = await RawClient.connect(server, 'mallory', { token: null, query });
  const refused = client.call('auth', { token: tokenFor('mallory'), platform: 'ios' });
  await expect(refused).rejects.toMatchObject({ data: { code: 'refused', message: 'No subscription' } });
  expect(await client.closed()).toBe(4500);
  expect(asked).toEqual([['mallory', '127.0.0.1', 'd2', 'ios']]);
});
