/** Codes of RFC 6455 after which coming back by oneself makes sense. */
const RECONNECTABLE = new Set([1001, 1005, 1006, 1011, 1012, 1013]);

const BASE = 500;
const CAP = 15_000;

/** Whether to come back by oneself after a close with this code; the rule of the protocol. */
export function shouldReconnect(code) {
  return (code >= 4000 && code < 4500) || RECONNECTABLE.has(code);
}

/** Milliseconds before attempt number `attempt` (from 0): capped exponential, full jitter, never under `atLeast`. */
export function backOff(attempt, atLeast = 0, random = Math.random) {
  return Math.max(atLeast, random() * Math.min(CAP, BASE * 2 ** attempt));
}
