import { resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as Sdk from '@rookery/client';
import { hasChromium, launchChromium } from '../support/chromium.js';
import { databaseHistory } from '../support/history.js';
import { tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';

const ENTRY = resolve(import.meta.dirname, '../../packages/client/src/index.ts');

/** What the pages of this test have as globals. */
declare const Rookery: typeof Sdk;
declare const client: Sdk.RookeryClient;

/** The SDK as a script that makes one global of itself. */
async function bundle(): Promise<string> {
  const output = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['source'] },
    build: { write: false, lib: { entry: ENTRY, formats: ['iife'], name: 'Rookery' } },
  });
  const [first] = [output].flat() as { output: { code?: string }[] }[];
  return `${first?.output[0]?.code}; globalThis.Rookery = Rookery;`;
}

/** A client with the storage of the page; `log` is what it has emitted. */
async function open(page: Page, sdk: string, user: string): Promise<void> {
  await page.evaluate(sdk);
  await page.evaluate((token) => {
    const url = `ws://${(globalThis as unknown as { location: URL }).location.host}/ws`;
    const made = new Rookery.RookeryClient(url, {
      token,
      device: 'page',
      platform: 'web',
      storage: Rookery.webStorage(),
      maxReconnectionDelay: 200,
    });
    const log: unknown[] = [];
    made.on('message', ({ content }) => log.push(content));
    Object.assign(globalThis, { client: made, log });
    made.connect();
  }, tokenFor(user));
}

const logOf = (page: Page): Promise<unknown> => page.evaluate('log');
const until = (page: Page, condition: string): Promise<unknown> => page.waitForFunction(condition);

describe.skipIf(!hasChromium())('the SDK in a browser', () => {
  let server: TestServer;
  let browser: Browser;
  let sdk: string;

  beforeAll(async () => {
    [server, browser, sdk] = await Promise.all([TestServer.start(), launchChromium(), bundle()]);
  });
  afterAll(async () => {
    await browser.close();
    await server.stop();
  });

  it('sends after a reload what the page before could not, and shows nothing twice', async () => {
    const page = await browser.newPage({ bypassCSP: true });
    await page.goto(server.url);
    await open(page, sdk, 'amy');
    await page.evaluate(() => client.send({ to: 'ben' }, { kind: 'text', content: 'one' }));
    await until(page, `localStorage.getItem('rookery.page.cursors')?.includes('dm:amy:ben')`);
    await server.kill();
    await until(page, `client.state === 'connecting'`);
    await page.evaluate(() => {
      for (const content of ['two', 'three']) void client.send({ to: 'ben' }, { kind: 'text', content });
    });
    await until(page, `localStorage.getItem('rookery.page.outbox')?.includes('three')`);
    await page.goto('about:blank');
    await server.restart();
    await page.goto(server.url);
    await open(page, sdk, 'amy');
    await until(page, 'log.length === 2 && client.pending.length === 0');
    expect(await logOf(page)).toEqual(['two', 'three']);
    const stored = await databaseHistory(server.databaseUrl);
    expect(stored.map(({ content }) => content)).toEqual(['one', 'two', 'three']);
  });
});
