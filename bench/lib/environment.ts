import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { cpus, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { pinningPossible } from './cores.js';
import { ROOT } from './paths.js';

const PACKAGES = ['@nestjs/core', '@nestjs/platform-ws', 'ws', 'socket.io', 'libsql', 'mysql2', 'typeorm'];

/** What a figure means nothing without. */
export interface Environment {
  date: string;
  commit: string;
  machine: string;
  node: string;
  packages: Record<string, string>;
}

export function describeEnvironment(): Environment {
  const memory = `${Math.round(totalmem() / 1024 ** 3)} GiB`;
  const pinned = pinningPossible ? 'pinned' : 'not pinned';
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: commit(),
    machine: `${cpus().length} × ${cpus()[0]?.model ?? 'CPU'}, ${memory}, Linux ${release()}, ${pinned}`,
    node: process.version,
    packages: Object.fromEntries(PACKAGES.map((name) => [name, versionOf(name)])),
  };
}

export function environmentText({ date, commit: id, machine, node, packages }: Environment): string {
  const versions = Object.entries(packages).map(([name, version]) => `${name} ${version}`);
  return `${date}, commit ${id}. ${machine}. Node ${node}, ${versions.join(', ')}.`;
}

function versionOf(name: string): string {
  const file = join(ROOT, 'node_modules', name, 'package.json');
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}

function commit(): string {
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: ROOT, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  try {
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain') === '' ? '' : ' with changes');
  } catch {
    return 'unknown';
  }
}
