import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { PrivateMariaDb } from '../../test/support/private-mariadb.js';
import { Core, pin } from './cores.js';

export type StoreKind = 'sqlite' | 'mariadb';

/** An empty database, and the process that serves it if it is not the server itself. */
export interface Store {
  url: string;
  pids: number[];
  /** The folder of this run of this server. */
  folder: string;
  drop(): Promise<void>;
}

/** Makes databases: files, or on a MariaDB of our own that is started when it is first needed. */
export class Stores {
  private mariadb?: Promise<{ database: PrivateMariaDb; pid: number }>;
  private made = 0;

  private readonly folders = new Set<string>();

  /** A run that is broken off leaves nothing behind. */
  constructor(private readonly parent: string) {
    process.once('exit', () => {
      for (const folder of this.folders) rmSync(folder, { recursive: true, force: true });
    });
  }

  /** False: this machine has no MariaDB. */
  possible(kind: StoreKind): boolean {
    return kind === 'sqlite' || PrivateMariaDb.possible;
  }

  async make(kind: StoreKind): Promise<Store> {
    const folder = await this.makeFolder();
    const remove = async (): Promise<void> => {
      await rm(folder, { recursive: true, force: true });
      this.folders.delete(folder);
    };
    if (kind === 'sqlite')
      return { url: `sqlite:${join(folder, 'bench.db')}`, pids: [], folder, drop: remove };
    const { database, pid } = await (this.mariadb ??= this.startMariaDb());
    const name = `bench_${++this.made}`;
    await query(database.url, `CREATE DATABASE ${name} CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    const drop = async (): Promise<void> => {
      await query(database.url, `DROP DATABASE ${name}`);
      await remove();
    };
    return { url: database.url + name, pids: [pid], folder, drop };
  }

  async dispose(): Promise<void> {
    const started = await this.mariadb;
    await started?.database.dispose();
  }

  private async makeFolder(): Promise<string> {
    const folder = await mkdtemp(join(this.parent, 'rookery-bench-'));
    this.folders.add(folder);
    return folder;
  }

  private async startMariaDb(): Promise<{ database: PrivateMariaDb; pid: number }> {
    const folder = await this.makeFolder();
    const pidFile = join(folder, 'pid');
    const database = await PrivateMariaDb.start([`--pid-file=${pidFile}`, '--max-connections=500']);
    while (!existsSync(pidFile)) await delay(10);
    const pid = Number(await readFile(pidFile, 'utf8'));
    pin(Core.Server, pid);
    return { database, pid };
  }
}

async function query(url: string, sql: string): Promise<void> {
  const connection = await createConnection(url);
  await connection.query(sql);
  await connection.end();
}
