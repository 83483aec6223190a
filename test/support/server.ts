import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const ROOT = resolve(import.meta.dirname, '../..');
/** Milliseconds: a start takes seconds of CPU, of which a busy machine may give little. */
const START_TIMEOUT = 180_000;

/** The secret every test server verifies with. */
export const TEST_SECRET = 'a-secret-for-tests-only-0123456789abcdef-0123456789abcdef-012345';

export interface ServerOptions {
  env?: Record<string, string>;
  /** Default: a new SQLite file in a directory of its own. */
  databaseUrl?: string;
  /** What Node runs, below the root of the repository; default `dist/main.js`. */
  entry?: string;
}

/** A real server: its own process, from `dist/`, on a free port. */
export class TestServer {
  readonly logs: string[] = [];
  private process?: ChildProcess;

  private constructor(
    readonly port: number,
    readonly directory: string,
    readonly databaseUrl: string,
    private readonly env: NodeJS.ProcessEnv,
    private entry: string,
  ) {}

  static async start(options: ServerOptions = {}): Promise<TestServer> {
    const directory = mkdtempSync(join(tmpdir(), 'rookery-test-'));
    const port = await freePort();
    const { databaseUrl = `sqlite:${join(directory, 'rookery.db')}`, entry = 'dist/main.js' } = options;
    const env = {
      PATH: process.env.PATH,
      HOME: directory,
      PORT: String(port),
      HOST: '127.0.0.1',
      DATABASE_URL: databaseUrl,
      JWT_SECRET: TEST_SECRET,
      ...options.env,
    };
    const server = new TestServer(port, directory, databaseUrl, env, entry);
    await server.restart();
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get wsUrl(): string {
    return `ws://127.0.0.1:${this.port}/ws`;
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  get output(): string {
    return this.logs.join('');
  }

  /** Starts the process (again), from now on with another entry if one is given, and waits until it serves. */
  async restart(entry = this.entry): Promise<void> {
    this.entry = entry;
    const child = spawn(process.execPath, [join(ROOT, this.entry)], {
      cwd: this.directory,
      env: this.env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process = child;
    const ready = new Promise<void>((resolveReady, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`The server did not start:\n${this.output}`)),
        START_TIMEOUT,
      );
      const collect = (chunk: Buffer): void => {
        this.logs.push(chunk.toString());
        if (chunk.includes('Rookery is ready')) resolveReady(clearTimeout(timer));
      };
      child.stdout.on('data', collect);
      child.stderr.on('data', collect);
      child.once('exit', (code) => reject(new Error(`The server ended with ${code}:\n${this.output}`)));
    });
    await ready;
  }

  /** Sends a signal and resolves with the exit code, or null when the signal ended it. */
  async signal(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return child?.exitCode ?? null;
    const exited = once(child, 'exit');
    child.kill(signal);
    const [code] = (await exited) as [number | null];
    return code;
  }

  kill(): Promise<number | null> {
    return this.signal('SIGKILL');
  }

  /** Ends the process and removes its files. */
  async stop(): Promise<void> {
    await this.kill();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A port nobody listens on. The gap until it is taken is why a server that must keep its port is told one. */
export async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('No port');
  return address.port;
}
