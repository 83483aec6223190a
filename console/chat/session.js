import { keepDevice, leaveDevice, takeDevice } from './device.js';
import { ErrorCode, RookeryError } from './rookery-client.js';

/** Who is signed in, on which device. Kept per tab, so that two tabs are two devices and may be two people. */
const KEY = 'rookery.session';
const TOO_MANY_REQUESTS = 429;

export function loadSession() {
  try {
    const session = JSON.parse(sessionStorage.getItem(KEY)) ?? undefined;
    if (session) keepDevice(session.device);
    return session;
  } catch {
    return undefined;
  }
}

async function begin(user) {
  const session = { user, device: await takeDevice(user) };
  sessionStorage.setItem(KEY, JSON.stringify(session));
  return session;
}

export function endSession() {
  sessionStorage.removeItem(KEY);
  leaveDevice();
}

/** Another name for this tab, for when a duplicated tab took the old one. */
export function withOtherDevice(user) {
  leaveDevice();
  return begin(user);
}

/** Throws what {@link requestToken} throws. */
export async function signIn(name) {
  const { token, user, iceServers } = await requestToken(name);
  return { ...(await begin(user)), token, iceServers };
}

/** For the SDK: the token of the sign-in, and then new ones; `renewed(reply)` hears what came with one of these. */
export function tokensOf({ user, token }, renewed) {
  let unused = token;
  return async () => {
    const first = unused;
    unused = undefined;
    if (first) return first;
    const reply = await requestToken(user);
    renewed(reply);
    return reply.token;
  };
}

/** Throws a RookeryError with what the server said, or what `fetch` throws when there is no server. */
async function requestToken(name) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch('/chat/session', { method: 'POST', headers, body: JSON.stringify({ name }) });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const reason = body.details?.[0]?.message ?? body.message ?? `The server answered ${response.status}`;
  const retryable = response.status >= 500 || response.status === TOO_MANY_REQUESTS;
  const { code = ErrorCode.Internal, retryAfter } = body;
  throw new RookeryError(code, reason, { retryable, retryAfter });
}
