import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './server.js';

const ROOT = resolve(import.meta.dirname, '../..');
const TLS = join(ROOT, 'test/support/tls');
const START_TIMEOUT = 10_000;

export type ProxyName = 'nginx' | 'haproxy';

export interface ProxyOptions {
  /** Ports of the servers behind it. */
  servers: readonly number[];
  /** Of a WebSocket, in seconds. */
  idleTimeout?: number;
}

/** Whether this machine has it; in CI a missing one is a failure. */
export function hasProxy(name: ProxyName): boolean {
  const found = spawnSync(name, ['-v'], { env: withSbin() }).status === 0;
  if (found) return true;
  const text = `NOT RUN: tests behind ${name} (it is not installed)`;
  if (process.env.CI) throw new Error(text);
  console.warn(`\n${text}\n`);
  return false;
}

const withSbin = (): NodeJS.ProcessEnv => ({ ...process.env, PATH: `${process.env.PATH}:/usr/sbin` });

/** A real proxy, with its configuration of deploy/, in which only ports, paths, sizes and the time-out are others. */
export class Proxy {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  /** Of the certificate that clients see. */
  static readonly ca = readFileSync(join(TLS, 'cert.pem'), 'utf8');

  static async start(name: ProxyName, options: ProxyOptions): Promise<Proxy> {
    const folder = mkdtempSync(join(tmpdir(), `rookery-${name}-`));
    chmodSync(folder, 0o755);
    const port = await freePort();
    const file = join(folder, 'proxy.conf');
    writeFileSync(file, name === 'nginx' ? nginx(folder, port, options) : haproxy(folder, port, options));
    const args = name === 'nginx' ? ['-c', file, '-g', 'daemon off;'] : ['-db', '-f', file];
    const child = spawn(name, args, { env: withSbin(), stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const proxy = new Proxy(port, folder, child);
    const end = Date.now() + START_TIMEOUT;
    while (!(await isOpen(port))) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`${name} did not start:\n${said}`);
      await delay(20);
    }
    return proxy;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      // Both end at once and take their workers with them.
      this.child.kill('SIGTERM');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Replaces what is there; what is not there any more makes the test say so. */
function substitute(text: string, pairs: readonly (readonly [string, string])[]): string {
  return pairs.reduce((current, [from, to]) => {
    if (!current.includes(from)) throw new Error(`The configuration has no ${from}`);
    return current.replaceAll(from, to);
  }, text);
}

function nginx(folder: string, port: number, { servers, idleTimeout = 75 }: ProxyOptions): string {
  const kinds = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'];
  const temporary = kinds.map((kind) => `${kind}_temp_path ${join(folder, kind)};`).join('\n    ');
  const server = (each: number): string => `server 127.0.0.1:${each} max_fails=1 fail_timeout=5s;`;
  return substitute(readFileSync(join(ROOT, 'deploy/nginx.conf'), 'utf8'), [
    ['pid /run/nginx.pid;', `pid ${join(folder, 'nginx.pid')};`],
    ['error_log /var/log/nginx/error.log', 'error_log stderr'],
    ['/var/log/nginx/rookery.log', join(folder, 'access.log')],
    // Test machines have low limits.
    ['worker_rlimit_nofile 65536;', ''],
    ['worker_connections 32768;', 'worker_connections 500;'],
    ['http {\n', `http {\n    ${temporary}\n`],
    [server(3000), servers.map(server).join('\n        ')],
    ['listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`],
    ['/etc/rookery/tls/cert.pem', join(TLS, 'cert.pem')],
    ['/etc/rookery/tls/key.pem', join(TLS, 'key.pem')],
    ['proxy_read_timeout 75s;', `proxy_read_timeout ${idleTimeout}s;`],
    ['proxy_send_timeout 75s;', `proxy_send_timeout ${idleTimeout}s;`],
  ]);
}

function haproxy(folder: string, port: number, { servers, idleTimeout = 75 }: ProxyOptions): string {
  const pem = join(folder, 'rookery.pem');
  writeFileSync(pem, ['cert.pem', 'key.pem'].map((name) => readFileSync(join(TLS, name), 'utf8')).join(''));
  const server = (each: number, index: number): string => `server rookery${index + 1} 127.0.0.1:${each}`;
  return substitute(readFileSync(join(ROOT, 'deploy/haproxy.cfg'), 'utf8'), [
    // Test machines have low limits.
    ['maxconn 32768', 'maxconn 500'],
    [server(3000, 0), servers.map(server).join('\n    ')],
    ['bind :443', `bind 127.0.0.1:${port}`],
    ['/etc/rookery/tls/rookery.pem', pem],
    ['timeout tunnel       75s', `timeout tunnel       ${idleTimeout}s`],
  ]);
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolveOpen) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => resolveOpen(Boolean(socket.destroy())))
      .once('error', () => resolveOpen(false));
  });
}
