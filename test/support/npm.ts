import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = resolve(import.meta.dirname, '../..');
const NO_REGISTRY =
  /code (ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|ERR_SOCKET_TIMEOUT|ENOTCACHED)/;
const INSTALL = ['install', '--prefer-offline', '--no-audit', '--no-fund', '--no-package-lock'];
const PATIENCE = ['--fetch-retries=2', '--fetch-retry-mintimeout=500', '--fetch-retry-maxtimeout=2000'];

/** `name@version`, exactly as this repository has it. */
export function sameAsHere(name: string): string {
  const { dependencies, devDependencies, peerDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Record<'dependencies' | 'devDependencies' | 'peerDependencies', Record<string, string>>;
  return `${name}@${dependencies[name] ?? devDependencies[name] ?? peerDependencies[name]}`;
}

/** Packs workspaces, or without any the server, as they are built, into a folder; resolves with the paths of the tarballs. */
export async function pack(folder: string, ...workspaces: string[]): Promise<string[]> {
  const chosen = workspaces.map((name) => `--workspace=${name}`);
  const args = ['pack', '--json', '--ignore-scripts', `--pack-destination=${folder}`, ...chosen];
  const { stdout } = await run('npm', args, { cwd: ROOT });
  return (JSON.parse(stdout) as { filename: string }[]).map(({ filename }) => join(folder, filename));
}

/** False, and loudly, when there is no registry to install from; in CI that is a failure. */
export async function install(folder: string, ...packages: string[]): Promise<boolean> {
  const args = [...INSTALL, ...PATIENCE, `--prefix=${folder}`, ...packages];
  const complaint = await run('npm', args, { cwd: folder }).then(
    () => undefined,
    ({ stderr }: { stderr: string }) => stderr,
  );
  if (complaint === undefined) return true;
  const [, code] = NO_REGISTRY.exec(complaint) ?? [];
  // Addresses of package mirrors are nobody's business in a log.
  if (!code) throw new Error(complaint.replaceAll(/https?:\/\/[^ /"]+/g, '<host>'));
  const text = `NOT RUN: tests that install packages (${code}: no package registry)`;
  if (process.env.CI) throw new Error(text);
  console.warn(`\n${text}\n`);
  return false;
}
