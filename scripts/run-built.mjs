// Runs a built file; builds first when there is no build or a source is newer, so that a script works right after `npm ci`.
// Without a file it only builds.
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const SOURCES = [
  'src',
  'packages/protocol/src',
  'packages/client/src',
  'tsconfig.json',
  'tsconfig.build.json',
];
const MARKERS = ['dist/cli/token.js', 'packages/protocol/dist/index.js', 'packages/client/dist/browser.js'];

function newest(path) {
  if (path.endsWith('.spec.ts')) return 0;
  const stat = statSync(path, { throwIfNoEntry: false });
  if (!stat?.isDirectory()) return stat?.mtimeMs ?? 0;
  return readdirSync(path).reduce((latest, name) => Math.max(latest, newest(join(path, name))), 0);
}

function buildIsFresh() {
  const markers = MARKERS.map((file) => join(root, file));
  if (!markers.every((file) => existsSync(file))) return false;
  const built = Math.min(...markers.map((file) => statSync(file).mtimeMs));
  return SOURCES.every((source) => newest(join(root, source)) <= built);
}

/** What is run may print something to be piped, so the build talks on stderr. */
function build() {
  const result = spawnSync('npm', ['run', 'build'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: process.platform === 'win32',
  });
  if (result.status !== 0) process.exit(result.status ?? 1);
}

const [file, ...args] = process.argv.slice(2);
if (!buildIsFresh()) build();
if (!file) process.exit();
const { status } = spawnSync(process.execPath, [file, ...args], { stdio: 'inherit' });
process.exit(status ?? 1);
