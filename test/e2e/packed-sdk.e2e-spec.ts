import { execFile } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, SendReceipt } from '@rookery/client';
import { hasChromium, launchChromium } from '../support/chromium.js';
import { install, pack, sameAsHere } from '../support/npm.js';
import { RawClient, tokenFor } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { StaticServer } from '../support/static-server.js';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
/** Bytes, gzipped. */
const SIZE_LIMIT = 12 * 1024;
/** Milliseconds: packages may come over a slow line. */
const INSTALL_TIME = 300_000;

const hasBrowser = hasChromium();

/** The packages as a user gets them, in projects that have nothing else. */
describe('the packed SDK', () => {
  let folder: string;
  let installed = false;
  const project = (name: string): string => join(folder, name);

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-packed-'));
    await cp(join(ROOT, 'test/consumers'), folder, { recursive: true });
    const packages = await pack(folder, '@rookery/protocol', '@rookery/client');
    const types = ['@types/node', '@types/ws'].map(sameAsHere);
    installed =
      (await install(project('node'), ...packages, sameAsHere('ws'), ...types)) &&
      (await install(project('vite'), ...packages, sameAsHere('vite')));
  }, INSTALL_TIME);
  afterAll(() => rm(folder, { recursive: true, force: true }));

  /** What the compiler complains about; nothing when all is well. */
  async function compile(name: string): Promise<string> {
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    const { stdout } = await run(process.execPath, [tsc, '-p', project(name)]).catch(
      (error: { stdout: string }) => error,
    );
    return stdout;
  }

  it('chats from an empty Node project, and leaves nothing running', async ({ skip, onTestFinished }) => {
    skip(!installed, 'no registry');
    expect(await compile('node')).toBe('');
    const server = await TestServer.start();
    onTestFinished(() => server.stop());
    const args = ['chat.js', server.wsUrl, tokenFor('amy'), tokenFor('ben')];
    const { stdout } = await run(process.execPath, args, { cwd: project('node'), timeout: 30_000 });
    const { receipt, message } = JSON.parse(stdout) as { receipt: SendReceipt; message: ChatMessage };
    expect(receipt).toMatchObject({ conversation: 'dm:amy:ben', seq: 1, duplicate: false });
    expect(message).toMatchObject({ from: 'amy', seq: 1, content: 'Hello from Node' });
  });

  it('is typed for bundlers too, and says so when it is used wrongly (control)', async ({ skip }) => {
    skip(!installed, 'no registry');
    expect(await compile('vite')).toBe('');
    await cp(project('vite'), project('wrong'), { recursive: true });
    const source = readFileSync(join(project('vite'), 'main.ts'), 'utf8');
    await writeFile(join(project('wrong'), 'main.ts'), source.replace("kind: 'text'", "kind: 'smoke'"));
    expect(await compile('wrong')).toContain('Type \'"smoke"\' is not assignable');
  });

  /** Bytes of the scripts that Vite makes of the page. */
  async function buildPage(): Promise<number> {
    const vite = join(project('vite'), 'node_modules/vite/bin/vite.js');
    await run(process.execPath, [vite, 'build', '--logLevel=error'], { cwd: project('vite') });
    const assets = join(project('vite'), 'dist/assets');
    const scripts = readdirSync(assets).map((name) => readFileSync(join(assets, name)));
    return gzipSync(Buffer.concat(scripts)).length;
  }

  it.skipIf(!hasBrowser)(
    'chats from an empty Vite project, in few bytes',
    async ({ skip, onTestFinished }) => {
      skip(!installed, 'no registry');
      const size = await buildPage();
      console.log(`The page of an empty Vite project: ${size} bytes gzipped, the SDK included`);
      expect(size).toBeLessThanOrEqual(SIZE_LIMIT);

      const site = await StaticServer.start(join(project('vite'), 'dist'));
      onTestFinished(() => site.stop());
      const server = await TestServer.start({ env: { WS_ORIGINS: site.origin } });
      onTestFinished(() => server.stop());
      const browser = await launchChromium();
      onTestFinished(() => browser.close());
      const page = await browser.newPage();
      const complaints: string[] = [];
      page.on('console', (message) => complaints.push(message.text()));
      const ben = await RawClient.connect(server, 'ben');
      const options = { url: server.wsUrl, token: tokenFor('amy'), to: 'ben', say: 'Hello from Vite' };
      await page.goto(`${site.origin}/#${new URLSearchParams(options)}`);
      expect((await ben.event('chat.message')).data).toMatchObject({
        from: 'amy',
        content: 'Hello from Vite',
      });
      await ben.call('chat.send', { to: 'amy', kind: 'text', content: 'Hello page' });
      await page.getByText('ben: Hello page').waitFor();
      expect(await page.locator('#state').textContent()).toBe('connected');
      expect(await page.locator('li').allTextContents()).toEqual(['amy: Hello from Vite', 'ben: Hello page']);
      expect(complaints).toEqual([]);
      await ben.close();
    },
  );
});
