import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { install, pack, sameAsHere } from '../support/npm.js';
import { RawClient } from '../support/raw-client.js';
import { TEST_SECRET, freePort } from '../support/server.js';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const CONSUMER = join(ROOT, 'test/consumers/nest');
/** Milliseconds: packages may come over a slow line. */
const INSTALL_TIME = 300_000;
const OWN_PACKAGES = [
  '@nestjs/common',
  '@nestjs/core',
  '@nestjs/platform-express',
  '@types/express',
  '@types/node',
];

const sourceOf = (name: string): string => readFileSync(join(CONSUMER, `${name}.ts`), 'utf8');

/** The server as a team gets it, in a project outside the repository. */
describe('the packed server', () => {
  let folder: string;
  let installed = false;
  let port: number;
  let server: ChildProcess | undefined;
  let output = '';

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-packed-server-'));
    await cp(CONSUMER, folder, { recursive: true });
    const tarballs = await pack(folder);
    installed = await install(folder, ...tarballs, ...OWN_PACKAGES.map(sameAsHere));
    if (!installed) return;
    const tsc = join(ROOT, 'node_modules/typescript/bin/tsc');
    await run(process.execPath, [tsc, '-p', folder]).catch(({ stdout }: { stdout: string }) => {
      throw new Error(stdout);
    });
  }, INSTALL_TIME);
  afterEach(() => server?.kill('SIGKILL'));
  afterAll(() => rm(folder, { recursive: true, force: true }));

  async function start(name: string): Promise<ChildProcess> {
    port = await freePort();
    output = '';
    const child = spawn(process.execPath, [`${name}.js`], {
      cwd: folder,
      env: {
        PATH: process.env.PATH,
        PORT: String(port),
        HOST: '127.0.0.1',
        JWT_SECRET: TEST_SECRET,
        DATABASE_URL: `sqlite:${name}.db`,
        SHUTDOWN_DRAIN: '2',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    server = child;
    const read = (chunk: Buffer): void => void (output += chunk.toString());
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    for (;;) {
      const answer = await fetch(`http://127.0.0.1:${port}/health`).catch(() => undefined);
      if (answer?.ok) return child;
      if (child.exitCode !== null) throw new Error(output);
      await delay(50);
    }
  }

  const ways = [
    { name: 'embedded', where: 'in an application of its own, on its HTTP server' },
    { name: 'standalone', where: 'as a process of its own, on its own port' },
  ];

  it.for(ways)('a first notification is pushed $where, and all ends in order', async ({ name }, { skip }) => {
    skip(!installed, 'no registry');
    const child = await start(name);
    const bob = await RawClient.connect({ port }, 'bob');
    const paid = await fetch(`http://127.0.0.1:${port}/orders/7/paid`, { method: 'POST' });
    expect(paid.status).toBe(201);
    expect((await bob.event('notification.message')).data).toMatchObject({
      type: 'order_status',
      content: { id: '7', status: 'paid' },
    });

    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await bob.event('goaway');
    expect(await bob.closed()).toBe(1001);
    expect(await ended).toEqual([0, null]);
  });

  it.for(ways)('takes fewer than 25 lines $where, the same as in the README', ({ name }) => {
    const source = sourceOf(name);
    expect(source.split('\n').filter((line) => line.trim() !== '').length).toBeLessThan(25);
    expect(readFileSync(join(ROOT, 'README.md'), 'utf8')).toContain(`\`\`\`ts\n${source}\`\`\``);
  });
});
