import { Injectable } from '@nestjs/common';
import type { DeviceState } from '@rookery/protocol';
import { HubService, type Connection } from '../hub/index.js';
import { Grace } from './grace.js';
import { combined, sameDevices, type Devices, type Owner } from './lease.js';
import type { HeldLease } from './presence-store.js';
import { current, DEFAULT_SETTINGS, type Settings, type Standing } from './standing.js';

/** Milliseconds in which a device may come back without anybody being told. */
export const GRACE = 5_000;
export const GRACE_CAPACITY = 50_000;
/** Users of other nodes; beyond it further ones look offline here. */
export const REMOTE_CAPACITY = 1_000_000;

interface RemoteNode {
  incarnation: number;
  users: Map<string, Devices>;
}

/** Who is there: the devices connected here, those that left a moment ago, and what other nodes say. */
@Injectable()
export class Roster {
  readonly grace = new Grace(GRACE, GRACE_CAPACITY);
  private readonly states = new WeakMap<Connection, DeviceState>();
  private readonly nodes = new Map<string, RemoteNode>();
  private readonly settings = new Map<string, Settings>();
  private readonly plain = new WeakMap<Devices, Standing>();

  constructor(private readonly hub: HubService) {}

  /** Users of other nodes, counted once for each. */
  get remoteSize(): number {
    let size = 0;
    for (const { users } of this.nodes.values()) size += users.size;
    return size;
  }

  /** Settings that differ from the defaults, of users who are there. */
  get settingsSize(): number {
    return this.settings.size;
  }

  /** What a connection says of its user; for as long as it lives. */
  setState(connection: Connection, state: DeviceState): void {
    this.states.set(connection, state);
  }

  deviceOf(connection: Connection): Devices {
    const { platform } = connection;
    return combined([{ state: this.states.get(connection) ?? 'online', platforms: [platform] }]) as Devices;
  }

  /** Of this node, those that may come back included. */
  localDevices(user: string): Devices | undefined {
    const lingering = this.grace.devicesOf(user);
    const parts = this.hub.connectionsOf(user).map((connection) => this.deviceOf(connection));
    return combined(lingering ? [...parts, lingering] : parts);
  }

  devicesOf(user: string): Devices | undefined {
    const local = this.localDevices(user);
    if (this.nodes.size === 0) return local;
    const parts = [...this.nodes.values()].flatMap(({ users }) => users.get(user) ?? []);
    return combined(local ? [local, ...parts] : parts);
  }

  settingsOf(user: string): Settings {
    return this.settings.get(user) ?? DEFAULT_SETTINGS;
  }

  setSettings(user: string, settings: Settings | undefined): void {
    const plain = !settings || isDefault(settings);
    if (plain) this.settings.delete(user);
    else this.settings.set(user, settings);
  }

  /** Users whose status has come to its end. */
  endedStatuses(now: number): string[] {
    return [...this.settings].filter(([, each]) => current(each, now) !== each).map(([user]) => user);
  }

  standingOf(user: string): Standing {
    const devices = this.devicesOf(user);
    const settings = this.settingsOf(user);
    return devices && settings === DEFAULT_SETTINGS ? this.plainStanding(devices) : { devices, settings };
  }

  /** Whether a device of the user is connected anywhere, or was a moment ago on another node. */
  isOnline(user: string): boolean {
    return this.hub.isOnline(user) || [...this.nodes.values()].some(({ users }) => users.has(user));
  }

  get onlineCount(): number {
    if (this.nodes.size === 0) return this.hub.onlineCount;
    const elsewhere = new Set<string>();
    for (const { users } of this.nodes.values())
      for (const user of users.keys()) if (!this.hub.isOnline(user)) elsewhere.add(user);
    return this.hub.onlineCount + elsewhere.size;
  }

  /** What another node says of a user; returns whether that is new. */
  learn({ owner, user, devices }: HeldLease): boolean {
    const node = this.nodeOf(owner);
    if (sameDevices(node.users.get(user), devices)) return false;
    if (!devices) return node.users.delete(user);
    if (!node.users.has(user) && this.remoteSize >= REMOTE_CAPACITY) return false;
    node.users.set(user, devices);
    return true;
  }

  /** Forgets the nodes that are not among those whose word counts; returns the users they spoke for. */
  keep(live: readonly Owner[]): string[] {
    const counting = new Map(live.map(({ node, incarnation }) => [node, incarnation]));
    const users: string[] = [];
    for (const [name, node] of this.nodes) {
      if (counting.get(name) === node.incarnation) continue;
      users.push(...node.users.keys());
      this.nodes.delete(name);
    }
    return users;
  }

  /** The users of all other nodes, and by whose word. */
  *remote(): Iterable<{ owner: Owner; user: string }> {
    for (const [node, { incarnation, users }] of this.nodes)
      for (const user of users.keys()) yield { owner: { node, incarnation }, user };
  }

  private nodeOf({ node, incarnation }: Owner): RemoteNode {
    const known = this.nodes.get(node);
    if (known?.incarnation === incarnation) return known;
    const fresh = { incarnation, users: new Map<string, Devices>() };
    this.nodes.set(node, fresh);
    return fresh;
  }

  private plainStanding(devices: Devices): Standing {
    const known = this.plain.get(devices);
    if (known) return known;
    const standing = { devices, settings: DEFAULT_SETTINGS };
    this.plain.set(devices, standing);
    return standing;
  }
}

function isDefault({ choice, status, online, lastSeen }: Settings): boolean {
  return choice === 'online' && !status && online === 'everybody' && lastSeen === 'everybody';
}
