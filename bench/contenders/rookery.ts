import { join } from 'node:path';
import type { Bench, Contender, Target } from '../lib/bench.js';
import { Child } from '../lib/child.js';
import { Core } from '../lib/cores.js';
import { compiled, ROOT } from '../lib/paths.js';
import { freePort } from '../lib/ports.js';
import { BENCH_SECRET } from '../lib/secret.js';
import type { StoreKind } from '../lib/store.js';

/** Every limit is on, and out of the way. */
const LIMITS = {
  WS_RATE_LIMIT: '1000000',
  WS_USER_RATE_LIMIT: '1000000',
  WS_HANDSHAKE_RATE: '1000000',
  WS_MAX_CONNECTIONS: '50000',
  WS_MAX_CONNECTIONS_PER_USER: '50000',
};

export const STORE_NAMES: Record<StoreKind, string> = { sqlite: 'SQLite', mariadb: 'MariaDB' };

/** The real server, as it is built, on the store of a kind. */
export function rookery(store: StoreKind, name = `Rookery, ${STORE_NAMES[store]}`): Contender {
  return { name, store, start: (bench, root = ROOT) => start(bench, store, root), hasBaseline: true };
}

/** The same with a gateway of somebody who extends it, which answers and does nothing. */
export function extendedRookery(store: StoreKind, name: string): Contender {
  const entry = (root: string): string[] => [compiled('servers/rookery-reply.js'), root];
  return { name, store, start: (bench, root = ROOT) => start(bench, store, root, entry), hasBaseline: true };
}

const mainOf = (root: string): string[] => [join(root, 'dist/main.js')];

async function start(bench: Bench, kind: StoreKind, root: string, entryOf = mainOf): Promise<Target> {
  const store = await bench.makeStore(kind);
  const port = await freePort();
  const env = {
    ...LIMITS,
    NODE_ENV: 'production',
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: store.url,
    JWT_SECRET: BENCH_SECRET,
    LOG_LEVEL: 'warn',
  };
  const args = ['--expose-gc', '--import', compiled('lib/probe.js'), ...entryOf(root)];
  const options = { core: Core.Server, args, env, cwd: store.folder, readyText: 'Rookery is ready' };
  const { child } = await Child.start(options);
  const stop = async (): Promise<void> => {
    await child.stop();
    await store.drop();
  };
  return { port, pids: [child.pid, ...store.pids], child, stop };
}
