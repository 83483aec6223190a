import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import type { TestProject } from 'vitest/node';
import { onServer, standardMariaDb } from './mariadb.js';
import { PrivateMariaDb } from './private-mariadb.js';

interface Service {
  url: string;
  /** For the summary; never a password. */
  description: string;
  stop(): Promise<void>;
}

interface SharedServices {
  mariadb: Promise<Service | undefined>;
  /** Of `dist/`, which the servers under test run from. */
  build: Promise<void>;
  users: number;
}

/** One server for all the projects of a run; each of them loads this module anew, so it hangs on the process. */
const SHARED = Symbol.for('rookery.test.services');
const holder = globalThis as { [SHARED]?: SharedServices };

const nothing = async (): Promise<void> => undefined;

async function findMariaDb(): Promise<Service | undefined> {
  const given = process.env.TEST_MARIADB_URL;
  if (given) {
    await onServer(given, 'SELECT 1');
    return { url: given, description: 'given by TEST_MARIADB_URL', stop: nothing };
  }
  const standard = await standardMariaDb();
  if (standard) return { url: standard, description: 'found on its standard port', stop: nothing };
  if (!PrivateMariaDb.possible) return undefined;
  const own = await PrivateMariaDb.start();
  return { url: own.url, description: 'started for this run', stop: () => own.dispose() };
}

async function freshBuild(): Promise<void> {
  const script = resolve(import.meta.dirname, '../../scripts/run-built.mjs');
  const [code] = (await once(spawn(process.execPath, [script], { stdio: 'inherit' }), 'exit')) as [
    number | null,
  ];
  if (code !== 0) throw new Error('The build failed: there is no server to test');
}

function missing(): void {
  const text = 'NOT RUN: MariaDB tests (no TEST_MARIADB_URL, none on 127.0.0.1:3306, no mariadbd installed)';
  if (process.env.CI) throw new Error(text);
  console.warn(`\n${text}\n`);
}

/** Finds or starts the real services, and brings the build up to date. */
export async function setup(project: TestProject): Promise<void> {
  const services = (holder[SHARED] ??= { mariadb: findMariaDb(), build: freshBuild(), users: 0 });
  services.users++;
  const [mariadb] = await Promise.all([services.mariadb, services.build]);
  if (!mariadb && services.users === 1) missing();
  project.provide('mariadbUrl', mariadb?.url ?? '');
}

/** Stops what was started, when the last project is through, and says what was used. */
export async function teardown(): Promise<void> {
  const services = holder[SHARED];
  if (!services || --services.users > 0) return;
  delete holder[SHARED];
  const mariadb = await services.mariadb;
  await mariadb?.stop();
  console.log(`\nReal services: SQLite (embedded), MariaDB ${mariadb?.description ?? 'NOT RUN'}`);
}
