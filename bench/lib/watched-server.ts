import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Inspector } from './inspector.js';
import { ROOT } from './paths.js';
import { freePort } from './ports.js';
import { BENCH_SECRET } from './secret.js';

const START_TIMEOUT = 30_000;
const DEBUGGER = /Debugger listening on (ws:\S+)/;

/** The built server as its own process on SQLite, with an inspector attached; its log goes to a file. */
export class WatchedServer {
  inspector!: Inspector;

  private constructor(
    readonly port: number,
    readonly directory: string,
    private readonly child: ChildProcess,
  ) {}

  /** `parent`: where its folder is made, which stays until {@link removeFiles}. `root`: where the build lies. */
  static async start(parent: string, env: Record<string, string> = {}, root = ROOT): Promise<WatchedServer> {
    const directory = mkdtempSync(join(parent, 'rookery-watched-'));
    mkdirSync(join(directory, 'logs'));
    const port = await freePort();
    const log = openSync(join(directory, 'server.log'), 'a');
    const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', join(root, 'dist/main.js')], {
      cwd: directory,
      env: {
        PATH: process.env.PATH,
        HOME: directory,
        PORT: String(port),
        HOST: '127.0.0.1',
        DATABASE_URL: `sqlite:${join(directory, 'rookery.db')}`,
        JWT_SECRET: BENCH_SECRET,
        ...env,
      },
      stdio: ['ignore', log, log],
    });
    // A bench that is broken off leaves no server behind.
    process.once('exit', () => child.kill('SIGKILL'));
    const server = new WatchedServer(port, directory, child);
    await server.untilReady();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  get database(): string {
    return join(this.directory, 'rookery.db');
  }

  get output(): string {
    return readFileSync(join(this.directory, 'server.log'), 'utf8');
  }

  /** What it logged as error or fatal. */
  get complaints(): string[] {
    return this.output.split('\n').filter((line) => /"level":[56]0|unhandled|uncaught/i.test(line));
  }

  async stop(): Promise<void> {
    this.inspector.close();
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.kill('SIGKILL');
    await exited;
  }

  removeFiles(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  private async untilReady(): Promise<void> {
    for (const deadline = Date.now() + START_TIMEOUT; ; await delay(50)) {
      const { output } = this;
      const debuggerUrl = DEBUGGER.exec(output)?.[1];
      if (this.child.exitCode !== null || Date.now() > deadline)
        throw new Error(`The server did not start:\n${output}`);
      if (!debuggerUrl || !output.includes('Rookery is ready')) continue;
      this.inspector = await Inspector.connect(debuggerUrl);
      return;
    }
  }
}
