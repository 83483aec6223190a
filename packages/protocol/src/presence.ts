/** What a device says of its user. The best of a user's devices counts: `online` before `busy` before `away`. */
export type DeviceState = 'online' | 'busy' | 'away';

/** How a user looks to somebody; `invisible` is seen by himself alone, everybody else sees `offline`. */
export type PresenceState = DeviceState | 'offline' | 'invisible';

/** What a user may choose for all his devices, until he chooses again; `online`: his devices decide. */
export type PresenceChoice = DeviceState | 'invisible';

/** Who may see something: everybody, accepted contacts, or nobody. */
export type PresenceCircle = 'everybody' | 'contacts' | 'nobody';

/** A line that a user shows beside his state. */
export interface PresenceStatus {
  /** 1 to 128 characters. */
  text: string;
  /** Milliseconds since the epoch; absent: until it is taken away. */
  expiresAt?: number;
}

/** A user as the asker may see him. Who hides looks like one who does not exist: `offline`, and nothing else. */
export interface Presence {
  user: string;
  state: PresenceState;
  /** Not of who is offline. */
  status?: PresenceStatus;
  /** Kinds of devices he is connected with, in alphabetical order, at most 16; not of who is offline. */
  platforms?: string[];
  /** Only of who is offline: milliseconds since the epoch. Absent: never, or not for the asker. */
  lastSeen?: number;
}

/** Who may see whether a user is there, and when he was; nobody sees the second who may not see the first. */
export interface PresencePrivacy {
  online: PresenceCircle;
  lastSeen: PresenceCircle;
}

/** How many of a group's members are there. */
export interface GroupPresence {
  group: string;
  online: number;
}

/** Commands about who is there. */
export interface PresenceCommands {
  /**
   * Says how the caller wants to look: for all his devices and until he changes it, or, with `device`, for this connection
   * as long as it lives (never `invisible`, and without a status). `status` null takes the line away.
   */
  'presence.set': {
    data: { state?: PresenceChoice; status?: PresenceStatus | null; device?: boolean };
    reply: Presence;
  };
  /** Without `users`: the caller himself and his contacts who are there. */
  'presence.get': { data: { users?: string[] }; reply: { users: Presence[] } };
  /** From now on this connection is told about these users, also when they are no contacts of the caller. */
  'presence.subscribe': { data: { users: string[] }; reply: { users: Presence[] } };
  /** Without `users`: all of them. */
  'presence.unsubscribe': { data: { users?: string[] }; reply: null };
  /** Who of a group's members is there; from now on this connection is told. `users` only in groups of up to 500 members. */
  'presence.watch': { data: { group: string }; reply: GroupPresence & { users?: Presence[] } };
  'presence.unwatch': { data: { group: string }; reply: null };
  /** Changes what is given, and answers how it is now. */
  'presence.privacy': { data: Partial<PresencePrivacy>; reply: PresencePrivacy };
}

/** Events about who is there. All of them may be lost; what is shown last is the truth. */
export interface PresenceEvents {
  /** Contacts who are there, after the hello: who is not named is offline. `more`: another one follows. */
  'presence.snapshot': { users: Presence[]; more: boolean };
  /** Users who look different from now on, at most one frame a second. */
  'presence.changed': { users: Presence[] };
  /** Of a watched group with more than 500 members, at most once in 5 seconds. */
  'presence.group': GroupPresence;
}
