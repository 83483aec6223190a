import { setTimeout as delay } from 'node:timers/promises';

const LOOK_EVERY = 5;

/** Resolves when it holds, or when the time is up: who needs to know looks again. */
export async function until(holds: () => boolean, timeout = 10_000): Promise<void> {
  const deadline = performance.now() + timeout;
  while (!holds() && performance.now() < deadline) await delay(LOOK_EVERY);
}
