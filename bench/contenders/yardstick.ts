import type { Bench, Contender, Target } from '../lib/bench.js';
import { Child } from '../lib/child.js';
import { Core } from '../lib/cores.js';
import { compiled } from '../lib/paths.js';
import type { StoreKind } from '../lib/store.js';

/** A server of `servers/`, in a process of its own like ours, with the same options of Node. */
export function yardstick(
  name: string,
  file: string,
  store?: StoreKind,
  env?: Record<string, string>,
): Contender {
  return { name, store, start: (bench) => start(bench, file, store, env) };
}

async function start(
  bench: Bench,
  file: string,
  kind: StoreKind | undefined,
  env: Record<string, string> | undefined,
): Promise<Target> {
  const store = kind && (await bench.makeStore(kind));
  const args = ['--expose-gc', '--import', compiled('lib/probe.js'), compiled(`servers/${file}.js`)];
  const settings = { NODE_ENV: 'production', ...(store && { DATABASE_URL: store.url }), ...env };
  const { child, port } = await Child.start({ core: Core.Server, args, env: settings });
  const stop = async (): Promise<void> => {
    await child.stop();
    await store?.drop();
  };
  return { port, pids: [child.pid, ...(store?.pids ?? [])], child, stop };
}
