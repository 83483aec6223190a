import type { DeviceState } from '@rookery/protocol';

/** A process that knows who is connected to it. */
export interface Owner {
  /** At most 64 characters; two processes never share one at the same time. */
  node: string;
  /** Boot: milliseconds since the epoch. A later one of the same node ends what an earlier one said. */
  incarnation: number;
}

/** What a user's devices on one node, or everywhere, come to. */
export interface Devices {
  /** The best of them. */
  state: DeviceState;
  /** In alphabetical order, each once. */
  platforms: readonly string[];
}

/** A user's devices on the node of whoever says so; undefined: none any more. */
export interface Lease {
  user: string;
  devices?: Devices;
}

/** Most platforms that are told of one user. */
export const MAX_PLATFORMS = 16;

const RANK: Record<DeviceState, number> = { online: 3, busy: 2, away: 1 };

/** Leases that are alike are one object: nearly every user is online on one platform. */
const known = new Map<string, Devices>();
const MAX_KNOWN = 10_000;

/** What several devices, or several nodes, come to; undefined: nobody is there. */
export function combined(parts: Iterable<Devices>): Devices | undefined {
  let state: DeviceState | undefined;
  const platforms = new Set<string>();
  for (const part of parts) {
    if (!state || RANK[part.state] > RANK[state]) state = part.state;
    for (const platform of part.platforms) platforms.add(platform);
  }
  return state && devicesOf(state, [...platforms].sort().slice(0, MAX_PLATFORMS));
}

function devicesOf(state: DeviceState, platforms: readonly string[]): Devices {
  const key = `${state} ${platforms.join()}`;
  const found = known.get(key);
  if (found) return found;
  if (known.size >= MAX_KNOWN) known.clear();
  const devices = { state, platforms };
  known.set(key, devices);
  return devices;
}

export function sameDevices(a: Devices | undefined, b: Devices | undefined): boolean {
  return a === b || (a?.state === b?.state && a?.platforms.join() === b?.platforms.join());
}
