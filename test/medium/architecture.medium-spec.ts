import { execFile } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

const root = resolve(import.meta.dirname, '../..');
const CONFIG = '.dependency-cruiser.mjs';
const { default: config } = (await import(join(root, CONFIG))) as {
  default: { forbidden: { name: string }[] };
};

/** Each rule: the file that breaks it, and what it wrongly imports. */
const PLANTED: Record<string, { file: string; imports: string }> = {
  'no-cycles': { file: 'src/hub/a.ts', imports: './b.js' },
  'enter-by-the-door': { file: 'src/chat/a.ts', imports: '../hub/plain.js' },
  'top-enters-by-the-door': { file: 'src/app.module.ts', imports: './hub/plain.js' },
  'common-is-a-leaf': { file: 'src/config/a.ts', imports: '../hub/index.js' },
  'common-knows-no-config': { file: 'src/common/a.ts', imports: '../config/index.js' },
  'core-knows-no-feature': { file: 'src/auth/a.ts', imports: '../chat/index.js' },
  'store-knows-no-socket': { file: 'src/journal/a.ts', imports: '../transport/index.js' },
  'hub-knows-no-wire': { file: 'src/hub/c.ts', imports: 'ws' },
  'dialects-stay-in-transport': {
    file: 'src/chat/c.ts',
    imports: '../transport/dialects/index.js',
  },
  'nobody-imports-the-top': { file: 'src/admin/a.ts', imports: '../main.js' },
  'thin-edges': { file: 'src/chat/chat.gateway.ts', imports: './message.repository.js' },
  'orm-stays-home': { file: 'src/chat/a.service.ts', imports: 'typeorm' },
  'protocol-is-pure': { file: 'packages/protocol/src/a.ts', imports: 'zod' },
  'clients-know-no-server': { file: 'packages/client/src/a.ts', imports: '../../../src/hub/index.js' },
  'examples-use-the-public-door': { file: 'examples/a.ts', imports: '../src/hub/index.js' },
  'bench-measures-what-is-built': { file: 'bench/a.ts', imports: '../src/hub/index.js' },
  'nobody-imports-the-bench': { file: 'test/support/b.ts', imports: '../../bench/c.js' },
  'source-knows-no-test': { file: 'src/hub/d.ts', imports: '../../test/support/a.js' },
};

/** What the planted files import. */
const NEIGHBOURS: Record<string, string> = {
  'src/main.ts': '',
  'src/hub/b.ts': "import './a.js';",
  'src/hub/plain.ts': '',
  'src/hub/index.ts': '',
  'src/config/index.ts': '',
  'src/chat/index.ts': '',
  'src/chat/message.repository.ts': "import 'typeorm';",
  'src/transport/index.ts': '',
  'src/transport/dialects/index.ts': '',
  'test/support/a.ts': '',
  'bench/c.ts': '',
};

async function cruise(cwd: string, ...folders: string[]): Promise<Violation[]> {
  const binary = join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs');
  const args = [binary, ...folders, '--config', CONFIG, '--output-type', 'json'];
  const run = promisify(execFile)(process.execPath, args, { cwd, maxBuffer: 64 * 1024 * 1024 });
  // It exits with the number of violations, after writing the whole report.
  const { stdout } = await run.catch((error: { stdout: string }) => error);
  return (JSON.parse(stdout) as { summary: { violations: Violation[] } }).summary.violations;
}

async function plant(folder: string): Promise<void> {
  const broken = Object.values(PLANTED).map(({ file, imports }) => [file, `import '${imports}';`] as const);
  for (const [file, source] of [...Object.entries(NEIGHBOURS), ...broken]) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), `${source}\nexport {};\n`);
  }
  for (const file of [CONFIG, 'tsconfig.json', 'package.json'])
    await copyFile(join(root, file), join(folder, file));
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
}

describe('architecture', () => {
  let folder: string;
  let violations: Violation[];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'rookery-architecture-'));
    await plant(folder);
    violations = await cruise(folder, 'src', 'packages', 'test', 'examples', 'bench');
  });

  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each(config.forbidden)('$name fires on a planted violation', ({ name }) => {
    expect(PLANTED, 'a rule without a planted violation proves nothing').toHaveProperty(name);
    const fired = violations.filter(({ rule }) => rule.name === name).map(({ from }) => from);
    expect(fired).toContain(PLANTED[name]?.file);
  });

  it('lets a clean neighbour pass', () => {
    expect(violations.map(({ from }) => from)).not.toContain('src/chat/message.repository.ts');
  });

  it('holds in the whole tree', async () => {
    const found = await cruise(root, 'src', 'packages', 'test', 'examples', 'bench');
    expect(found.map(({ rule, from, to }) => `${rule.name}: ${from} -> ${to}`)).toEqual([]);
  });
});
