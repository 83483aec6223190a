/**
 * Close codes of our own. The range tells a client what to do (the idea is Centrifugo's):
 * 4000–4499 reconnect with back-off; 4500–4999 do not reconnect until a person or a new token changed something.
 * Of the standard codes (RFC 6455 §7.4) the server sends 1001 and 1011 (reconnect), and 1002, 1007, 1008 and 1009 (mend the client).
 */
export const CloseCode = {
  /** The server is shutting down or being replaced: reconnect, after the `retryAfter` of the `goaway` if there was one. */
  GoingAway: 1001,
  /** A frame over `limits.maxMessageSize` (RFC 6455). */
  MessageTooBig: 1009,

  /** No sign of life within the pong time-out. */
  HeartbeatTimeout: 4000,
  /** The socket did not drain for too long, although pushing had stopped. What was missed is in the journal. */
  SlowConsumer: 4001,
  /** The token expired: reconnect with a new one. */
  TokenExpired: 4002,
  /** Commands kept coming over the rate limit. Wait before reconnecting. */
  RateLimited: 4003,

  /** The first frame did not bring a valid token in time. */
  Unauthenticated: 4500,
  /** The session policy gave the place to a newer connection. */
  Replaced: 4501,
  /** Logged out. */
  LoggedOut: 4502,
  /** An administrator or a service cut the connection. */
  Disconnected: 4503,
  /** Too many frames that are not the protocol. */
  ProtocolViolation: 4504,
} as const;
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

const RECONNECTABLE_STANDARD_CODES = new Set([1001, 1005, 1006, 1011, 1012, 1013]);

/** Whether a client should reconnect by itself after a close with this code. */
export function shouldReconnect(code: number): boolean {
  return (code >= 4000 && code < 4500) || RECONNECTABLE_STANDARD_CODES.has(code);
}
