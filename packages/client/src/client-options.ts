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
  httpUrl?: string;
  /** A name that this device keeps: the server then knows what it has. Without one each connect brings all that is unread. */
  device?: string;
  /** `web`, `ios`, …: for the session policy of the server. */
  platform?: string;
  /** Default: the platform's own. In Node before 22, that of `ws`. */
  webSocket?: WebSocketConstructor;
  /** Where outbox and cursors are kept. Default: in memory. */
  storage?: Storage;
  /** Milliseconds; the bound of the first wait, which is by chance between 0 and the bound. Default 500. */
  minReconnectionDelay?: number;
  /** Milliseconds; no bound is above this. Default 15,000. */
  maxReconnectionDelay?: number;
  /** Default 2. */
  reconnectionDelayGrowFactor?: number;
  /** Milliseconds a connection has to last before the back-off begins anew. Default 5,000. */
  minUptime?: number;
  /** Milliseconds from opening to the hello. Default 10,000. */
  connectionTimeout?: number;
  /** Attempts in a row that may fail after the first, before the client gives up. Default: no limit. */
  maxRetries?: number;
  /** Messages that may wait in the outbox; beyond it `send` rejects with `outbox_full`. Default 1,000. */
  maxEnqueuedMessages?: number;
  /** Milliseconds to wait for the answer to a command. Default 15,000. */
  commandTimeout?: number;
  /** Whether what was emitted is marked as delivered by itself. Default true; else call `markDelivered`. */
  autoDelivered?: boolean;
  /** Milliseconds in which marks gather. Default 100. */
  markDelay?: number;
  /** For tests. */
  clock?: Clock;
}

type Optional = 'device' | 'platform' | 'webSocket' | 'httpUrl';
export type Settings = Required<Omit<ClientOptions, Optional>> & Pick<ClientOptions, Optional>;

export const withDefaults = (options: ClientOptions): Settings => ({
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
  ...options,
});
