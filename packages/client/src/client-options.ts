import { systemClock, type Clock } from './clock.js';
import { memoryStorage, type Storage } from './storage.js';
import type { WebSocketConstructor } from './web-socket.js';

/** Names as in partysocket, where there is such a thing there. */
export interface ClientOptions {
  /**
   * A JWT, or a function that fetches one: called first, again when it ends soon, and when the server refused it.
   * A function that fails is asked again after a back-off, unless what it throws is a RookeryError that is not
   * retryable. A plain string cannot be renewed: when it ends, the client is disconnected.
   */
  token: string | (() => Promise<string>);
  /** Where files are sent and fetched. Default: the address of the WebSocket, as http or https. */
  httpUrl?: string | undefined;
  /** A name that this device keeps: the server then knows what it has. Without one each connect brings all that is unread. */
  device?: string | undefined;
  /** `web`, `ios`, …: for the session policy of the server. */
  platform?: string | undefined;
  /** Default: the platform's own. In Node before 22, that of `ws`. */
  webSocket?: WebSocketConstructor | undefined;
  /** Where outbox and cursors are kept. Default: in memory. */
  storage?: Storage | undefined;
  /** Milliseconds; the bound of the first wait, which is by chance between 0 and the bound. Default 500. */
  minReconnectionDelay?: number | undefined;
  /** Milliseconds; no bound is above this. Default 15,000. */
  maxReconnectionDelay?: number | undefined;
  /** Default 2. */
  reconnectionDelayGrowFactor?: number | undefined;
  /** Milliseconds a connection has to last before the back-off begins anew. Default 5,000. */
  minUptime?: number | undefined;
  /** Milliseconds from opening to the hello. Default 10,000. */
  connectionTimeout?: number | undefined;
  /** Attempts in a row that may fail after the first, before the client gives up. Default: no limit. */
  maxRetries?: number | undefined;
  /** Messages that may wait in the outbox; beyond it `send` rejects with `outbox_full`. Default 1,000. */
  maxEnqueuedMessages?: number | undefined;
  /** Milliseconds to wait for the answer to a command. Default 15,000. */
  commandTimeout?: number | undefined;
  /** Whether what was emitted is marked as delivered by itself. Default true; else call `markDelivered`. */
  autoDelivered?: boolean | undefined;
  /** Milliseconds in which marks gather. Default 100. */
  markDelay?: number | undefined;
  /** For tests. */
  clock?: Clock | undefined;
}

type Optional = 'device' | 'platform' | 'webSocket' | 'httpUrl';
type Given = Omit<ClientOptions, Optional>;
export type Settings = { [Name in keyof Given]-?: NonNullable<Given[Name]> } & Pick<ClientOptions, Optional>;

const defaults = (): Omit<Settings, Optional | 'token'> => ({
  storage: memoryStorage(),
  minReconnectionDelay: 500,
  maxReconnectionDelay: 15_000,
  reconnectionDelayGrowFactor: 2,
  minUptime: 5000,
  connectionTimeout: 10_000,
  maxRetries: Infinity,
  maxEnqueuedMessages: 1000,
  commandTimeout: 15_000,
  autoDelivered: true,
  markDelay: 100,
  clock: systemClock,
});

/** An option that is undefined is not given. */
export const withDefaults = (options: ClientOptions): Settings => ({
  ...defaults(),
  ...(Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined)) as Settings),
});
