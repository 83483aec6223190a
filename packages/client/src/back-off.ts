import type { Clock } from './clock.js';

export interface BackOffOptions {
  /** Milliseconds: the bound of the first wait. */
  minReconnectionDelay: number;
  /** Milliseconds: no bound is above this. */
  maxReconnectionDelay: number;
  /** What the bound is multiplied with each time. */
  reconnectionDelayGrowFactor: number;
}

/**
 * Milliseconds to wait before attempt number `attempt` (from 0): capped first, then full jitter, and never less than
 * `atLeast`. Everybody loses the connection at once when a server goes; chance keeps them from coming back at once.
 */
export function backOff(attempt: number, options: BackOffOptions, clock: Clock, atLeast = 0): number {
  const { minReconnectionDelay, maxReconnectionDelay, reconnectionDelayGrowFactor } = options;
  const bound = Math.min(maxReconnectionDelay, minReconnectionDelay * reconnectionDelayGrowFactor ** attempt);
  return Math.max(atLeast, clock.random() * bound);
}
