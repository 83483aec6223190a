/** Milliseconds; no attempt waits longer, unless the receiver asks for it. */
const LONGEST_PAUSE = 3_600_000;

/**
 * Milliseconds until the next attempt: twice as long after each, half of it by chance, so that those who failed together
 * do not come back together. `attempts` are those that failed, from 1; `after` is what the receiver asked for.
 */
export function backOff(
  attempts: number,
  base: number,
  after = 0,
  random: () => number = Math.random,
): number {
  const pause = Math.min(base * 2 ** Math.min(attempts - 1, 30), LONGEST_PAUSE);
  return Math.max(after, pause / 2 + (random() * pause) / 2);
}
