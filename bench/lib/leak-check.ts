import { setTimeout as delay } from 'node:timers/promises';
import { footprintOf, type Footprint } from './footprint.js';
import type { WatchedServer } from './watched-server.js';

/** Bytes: what caches with a limit, compiled code and the allocator may have taken since the baseline. */
export const HEAP_TOLERANCE = 10 * 1024 ** 2;

/** Gauges that must be what they were; the others tell of the process and not of what it holds. */
const COUNTED = ['rookery_connections', 'rookery_online_users', 'rookery_journal_queued'];

const PATIENCE = 90_000;
const PAUSE = 1000;

/** What of the later moment is more than at the earlier one. */
export function leaks(before: Footprint, after: Footprint): string[] {
  const found: string[] = [];
  if (after.heapUsed > before.heapUsed + HEAP_TOLERANCE)
    found.push(`heap ${before.heapUsed} → ${after.heapUsed} bytes`);
  if (after.fds > before.fds) found.push(`fds ${before.fds} → ${after.fds}`);
  for (const [kind, count] of Object.entries(after.resources))
    if (count > (before.resources[kind] ?? 0))
      found.push(`${kind} ${before.resources[kind] ?? 0} → ${count}`);
  for (const name of COUNTED)
    if ((after.gauges[name] ?? 0) > (before.gauges[name] ?? 0))
      found.push(`${name} ${before.gauges[name] ?? 0} → ${after.gauges[name]}`);
  return found;
}

/** The footprint as soon as nobody is connected and nothing is waited for, or when patience ends. */
export async function footprintAtRest(server: WatchedServer, like?: Footprint): Promise<Footprint> {
  for (const deadline = Date.now() + PATIENCE; ; await delay(PAUSE)) {
    const footprint = await footprintOf(server);
    const sockets = footprint.resources['TCPSocketWrap'] ?? 0;
    const atRest = like
      ? leaks(like, footprint).length === 0
      : footprint.gauges['rookery_connections'] === 0 && sockets === 0;
    if (atRest || Date.now() > deadline) return footprint;
  }
}
