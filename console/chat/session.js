/** Who is signed in, on which device. Kept per tab, so that two tabs are two devices and may be two people. */
const KEY = 'rookery.session';

/** Printable and unguessable; `crypto.randomUUID` exists only on https and localhost. */
export function randomId() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

export function loadSession() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? undefined;
  } catch {
    return undefined;
  }
}

function keep(session) {
  sessionStorage.setItem(KEY, JSON.stringify(session));
  return session;
}

export function clearSession() {
  sessionStorage.removeItem(KEY);
}

/** A name of its own for this tab, for when a duplicated tab took the old one. */
export function withNewDevice(session) {
  return keep({ ...session, device: `web-${randomId()}` });
}

/** Signs in, or renews the token of the same name. Throws an Error with `refused: true` when trying again is no use. */
export async function signIn(name, device = `web-${randomId()}`) {
  const { token, user } = await requestToken(name);
  return keep({ token, user, device });
}

async function requestToken(name) {
  const headers = { 'Content-Type': 'application/json' };
  const response = await fetch('/chat/session', { method: 'POST', headers, body: JSON.stringify({ name }) });
  const body = await response.json().catch(() => ({}));
  if (response.ok) return body;
  const reason = body.details?.[0]?.message ?? body.message ?? `The server answered ${response.status}`;
  throw Object.assign(new Error(reason), { refused: response.status < 500 && response.status !== 429 });
}

/** Milliseconds since the epoch at which a token ends. */
export function expiryOf(token) {
  try {
    const payload = token.split('.')[1].replaceAll('-', '+').replaceAll('_', '/');
    return JSON.parse(atob(payload)).exp * 1000;
  } catch {
    return Infinity;
  }
}
