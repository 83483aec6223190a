/** Where a client is: `connecting` lasts, through all attempts, until it is one of the others. */
export type State = 'disconnected' | 'connecting' | 'connected';

/** Why a state changed, where it is not the close code of a WebSocket (those begin with 1000). */
export const StateCode = {
  ConnectCalled: 0,
  DisconnectCalled: 1,
  /** The hello of the server came. */
  Greeted: 2,
  /** Nothing was heard for too long, not even an answer to a ping. */
  NoSignOfLife: 3,
  /** No hello in time. */
  ConnectTimeout: 4,
  /** The token function said, with an error that is not retryable, that there is no token. */
  TokenRefused: 5,
  /** The token function failed; it is asked again. */
  TokenUnavailable: 6,
  /** `maxRetries` attempts in a row failed. */
  RetriesExhausted: 7,
  /** The browser says that the network is gone. */
  Offline: 8,
} as const;
export type StateCode = (typeof StateCode)[keyof typeof StateCode];

/** The event `stateChange`. */
export interface StateChange {
  state: State;
  /** A {@link StateCode}, or the close code of the WebSocket. */
  code: number;
  reason: string;
}
