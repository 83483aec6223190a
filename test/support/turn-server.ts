import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './server.js';

const EXECUTABLE = '/usr/bin/turnserver';
/** Milliseconds. */
const START_TIMEOUT = 20_000;

/** Whether coturn is here; without it this says so loudly, and in CI it is a failure. */
export function hasTurnServer(): boolean {
  if (existsSync(EXECUTABLE)) return true;
  const text = `NOT RUN: calls over TURN (no ${EXECUTABLE}; the package is coturn)`;
  if (process.env.CI) throw new Error(text);
  console.warn(`\n${text}\n`);
  return false;
}

/** A real coturn that takes who has credentials made with `secret`. */
export class TurnServer {
  private constructor(
    readonly port: number,
    private readonly folder: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(secret: string): Promise<TurnServer> {
    const folder = mkdtempSync(join(tmpdir(), 'rookery-turn-'));
    const port = await freePort();
    const options = {
      'listening-ip': '127.0.0.1',
      'listening-port': port,
      'relay-ip': '127.0.0.1',
      realm: 'rookery.test',
      'static-auth-secret': secret,
      userdb: join(folder, 'users'),
      pidfile: join(folder, 'pid'),
      'log-file': 'stdout',
    };
    const flags = ['-n', '--no-tls', '--no-dtls', '--no-cli', '--allow-loopback-peers', '--use-auth-secret'];
    const named = Object.entries(options).map(([name, value]) => `--${name}=${value}`);
    const child = spawn(EXECUTABLE, [...flags, ...named]);
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    const server = new TurnServer(port, folder, child);
    const end = Date.now() + START_TIMEOUT;
    while (!(await isOpen(port))) {
      if (child.exitCode !== null || Date.now() > end) throw new Error(`coturn did not start:\n${said}`);
      await delay(20);
    }
    return server;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const ended = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await ended;
    }
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
      .once('connect', () => resolve(Boolean(socket.destroy())))
      .once('error', () => resolve(false));
  });
}
