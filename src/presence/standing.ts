import type {
  Presence,
  PresenceChoice,
  PresenceCircle,
  PresencePrivacy,
  PresenceState,
  PresenceStatus,
} from '@rookery/protocol';
import type { Devices } from './lease.js';

/** How a user wants to look, and to whom. */
export interface Settings extends PresencePrivacy {
  /** `online`: his devices decide. */
  choice: PresenceChoice;
  status?: PresenceStatus;
}

export const DEFAULT_SETTINGS: Settings = { choice: 'online', online: 'everybody', lastSeen: 'everybody' };

/** All that is known of a user who may be there. */
export interface Standing {
  /** Undefined: no device is connected. */
  devices?: Devices;
  settings: Settings;
}

/** What the one who looks is to the one who is looked at. */
export type Regard = 'self' | 'contact' | 'stranger' | 'blocked';

export const OFFLINE: Standing = { settings: DEFAULT_SETTINGS };

/** How a user truly is, whoever may see it. */
export function stateOf({ devices, settings: { choice } }: Standing): PresenceState {
  if (!devices) return 'offline';
  return choice === 'online' ? devices.state : choice;
}

/** Whether anybody at all may see that the user is there. */
export function shows({ devices, settings }: Standing): boolean {
  return devices !== undefined && settings.choice !== 'invisible' && settings.online !== 'nobody';
}

/** How a user looks to somebody. `lastSeen` is told of who looks offline, where he lets it be. */
export function presenceOf(user: string, standing: Standing, regard: Regard, lastSeen?: number): Presence {
  const { devices, settings } = standing;
  const seen = lastSeen === undefined ? {} : { lastSeen };
  if (regard === 'self') return { user, state: stateOf(standing), ...shown(standing), ...(!devices && seen) };
  if (!allows(settings.online, regard)) return { user, state: 'offline' };
  if (!devices || settings.choice === 'invisible')
    return { user, state: 'offline', ...(allows(settings.lastSeen, regard) && seen) };
  return { user, state: stateOf(standing), ...shown(standing) };
}

export function samePresence(a: Presence, b: Presence): boolean {
  return (
    a.state === b.state &&
    a.status?.text === b.status?.text &&
    a.status?.expiresAt === b.status?.expiresAt &&
    a.platforms?.join() === b.platforms?.join()
  );
}

function shown({ devices, settings: { status } }: Standing): Pick<Presence, 'status' | 'platforms'> {
  return { ...(devices && status && { status }), ...(devices && { platforms: [...devices.platforms] }) };
}

/** The settings without a status whose time is over. */
export function current(settings: Settings, now: number): Settings {
  const { status, ...rest } = settings;
  return status?.expiresAt !== undefined && status.expiresAt <= now ? rest : settings;
}

function allows(circle: PresenceCircle, regard: Regard): boolean {
  if (regard === 'blocked') return false;
  return circle === 'everybody' || (circle === 'contacts' && regard === 'contact');
}
