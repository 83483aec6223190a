import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const MINUTE = 60_000;
/** Brings up or finds the real services; the unit tests need none. */
const globalSetup = ['./test/support/global-setup.ts'].filter((file) =>
  existsSync(new URL(file, import.meta.url)),
);
/**
 * `@rookery/protocol` is taken from its sources, so that no build comes before the tests. Without `import`, which
 * would hold for require() too and give CommonJS packages such as Express's router modules they cannot call.
 */
const conditions = ['source', 'node', 'module', 'default'];

/** Tests wait for servers, browsers and clocks more than they compute: one file more than there are cores. */
const maxWorkers = availableParallelism() + 1;

const common = {
  maxWorkers,
  /** Of tests of one file that run beside one another. */
  maxConcurrency: 12,
  /** What has to come comes late on a busy machine. */
  expect: { poll: { timeout: 10_000 } },
};

const unit = {
  ...common,
  name: 'unit',
  include: ['src/**/*.spec.ts', 'packages/**/*.spec.ts', 'bench/**/*.spec.ts'],
  exclude: ['**/node_modules/**', '**/dist/**'],
  testTimeout: MINUTE,
};
const against = (kind: string, minutes: number) => ({
  ...common,
  name: kind,
  include: [`test/**/*.${kind}-spec.ts`],
  globalSetup,
  testTimeout: minutes * MINUTE,
  hookTimeout: minutes * MINUTE,
});
/** Real processes are killed and timed here: one file at a time, when all else is through. */
const fault = { ...against('fault', 20), maxWorkers: 1, sequence: { groupOrder: 1 } };

/** The examples import the server by its name, as their readers will. */
const alias = [{ find: /^rookery$/, replacement: fileURLToPath(new URL('src/index.ts', import.meta.url)) }];

export default defineConfig({
  test: {
    retry: 0,
    projects: [unit, against('contract', 2), against('medium', 2), against('e2e', 2), fault].map((test) => ({
      resolve: { conditions, alias },
      ssr: { resolve: { conditions } },
      test,
    })),
  },
});
