/** A device that is told things while it is not connected. */
export interface PushDevice {
  /** To be given to `push.unregister`. */
  id: string;
  provider: string;
  /** The name of the device; null: none. */
  device: string | null;
  /** When it was registered, milliseconds since the epoch. */
  time: number;
}

/** Commands about offline push. */
export interface PushCommands {
  /** Has this device told what reaches no device of the user. `device`: default the connection's own. */
  'push.register': {
    data: { provider: string; token: unknown; device?: string };
    reply: { id: string };
  };
  'push.unregister': { data: { id: string }; reply: null };
  /** What there is to register with (`publicKey`: VAPID, for `webpush`), and the user's devices. */
  'push.list': {
    data: undefined;
    reply: { providers: { name: string; publicKey?: string }[]; devices: PushDevice[] };
  };
}
