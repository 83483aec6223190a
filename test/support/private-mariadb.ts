import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';

const BINARIES = ['/usr/sbin/mariadbd', '/usr/local/sbin/mariadbd', '/usr/sbin/mysqld'];
const INSTALLERS = ['/usr/bin/mariadb-install-db', '/usr/local/bin/mariadb-install-db'];

const asUser = (): string[] => (userInfo().uid === 0 ? ['--user=root'] : []);

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

/** A MariaDB of our own in a temporary folder: started, stopped, killed and started again on the same port. */
export class PrivateMariaDb {
  private process?: ChildProcess;

  /** A run that ends without its teardown, e.g. because another part of the setup failed, leaves nothing behind. */
  private readonly abandon = (): void => {
    this.process?.kill('SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  };

  private constructor(
    private readonly folder: string,
    readonly port: number,
    private readonly options: readonly string[],
  ) {
    process.once('exit', this.abandon);
  }

  static get possible(): boolean {
    return BINARIES.some(existsSync) && INSTALLERS.some(existsSync);
  }

  /** Rejects when this machine has no MariaDB; ask `possible` first. */
  static async start(options: readonly string[] = []): Promise<PrivateMariaDb> {
    const folder = await mkdtemp(join(tmpdir(), 'rookery-mariadb-'));
    const installer = INSTALLERS.find(existsSync) ?? 'mariadb-install-db';
    const auth = ['--auth-root-authentication-method=normal', '--skip-test-db'];
    await promisify(execFile)(installer, ['--no-defaults', ...asUser(), ...auth, `--datadir=${folder}/data`]);
    const database = new PrivateMariaDb(folder, await freePort(), options);
    await database.restart();
    return database;
  }

  /** Of a user who may do everything; without a database. */
  get url(): string {
    return `mysql://root@127.0.0.1:${this.port}/`;
  }

  /** Resolves when the server accepts connections. */
  async restart(): Promise<void> {
    const binary = BINARIES.find(existsSync) ?? 'mariadbd';
    const child = spawn(binary, ['--no-defaults', ...asUser(), ...this.settings(), ...this.options], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.process = child;
    const log: string[] = [];
    for await (const line of createInterface(child.stderr as NodeJS.ReadableStream)) {
      log.push(line);
      if (line.includes('ready for connections')) return void child.stderr?.resume();
    }
    throw new Error(`MariaDB did not start:\n${log.join('\n')}`);
  }

  /** Like a crash: nothing is flushed that was not. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  /** The server is there but does nothing. */
  freeze(): void {
    this.process?.kill('SIGSTOP');
  }

  thaw(): void {
    this.process?.kill('SIGCONT');
  }

  async dispose(): Promise<void> {
    process.off('exit', this.abandon);
    await this.kill();
    await rm(this.folder, { recursive: true, force: true });
  }

  private settings(): string[] {
    return [
      `--datadir=${this.folder}/data`,
      `--socket=${this.folder}/socket`,
      `--pid-file=${this.folder}/pid`,
      `--port=${this.port}`,
      '--bind-address=127.0.0.1',
      '--skip-name-resolve',
      '--innodb-flush-log-at-trx-commit=1',
      '--innodb-buffer-pool-size=128M',
    ];
  }

  private async end(signal: NodeJS.Signals): Promise<void> {
    const child = this.process;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
}
