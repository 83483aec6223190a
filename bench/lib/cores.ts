import { execFileSync } from 'node:child_process';

/** Server and store share one core, the load generator has another. */
export const Core = { Server: 0, Generator: 1 } as const;
export type Core = (typeof Core)[keyof typeof Core];

/** There is taskset, and both cores are ours. */
export const pinningPossible = Object.values(Core).every(canRunOn);

function canRunOn(core: Core): boolean {
  try {
    execFileSync('taskset', ['-c', String(core), 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** What to run, so that it stays on the core; taskset becomes the command, so the process id is the command's. */
export function pinned(core: Core, command: string, args: readonly string[]): [string, string[]] {
  return pinningPossible ? ['taskset', ['-c', String(core), command, ...args]] : [command, [...args]];
}

/** Moves a running process with all its threads. */
export function pin(core: Core, pid: number): void {
  if (pinningPossible)
    execFileSync('taskset', ['-a', '-c', '-p', String(core), String(pid)], { stdio: 'ignore' });
}
