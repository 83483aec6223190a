import type { SessionPolicy } from '../config/index.js';
import type { Connection } from './connection.js';

/** What a connection says about itself before it is one. */
export type Newcomer = Pick<Connection, 'device' | 'platform'> & Partial<Pick<Connection, 'sharedDevice'>>;

/**
 * Which of a user's older connections give way to a new one. A device that names itself never has two connections:
 * the older is a socket that the network forgot.
 */
export function replacedBy(
  arriving: Newcomer,
  present: Iterable<Connection>,
  policy: SessionPolicy,
): Connection[] {
  return [...present].filter((older) => {
    if (policy === 'single') return true;
    if (policy === 'per-platform' && older.platform === arriving.platform) return true;
    return arriving.device !== undefined && !arriving.sharedDevice && older.device === arriving.device;
  });
}
