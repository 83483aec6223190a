import { randomId } from './random-id.js';

/**
 * The names of this browser's devices. Each open tab has one to itself, and a tab that signs in takes the name that a
 * closed one of the same person has left, with what is kept under it: so nothing unsent stays behind.
 */

/** Locks tell whether a tab is still open, but only on https and localhost. Elsewhere a name ends with its tab. */
const canLock = 'locks' in navigator;

/** Where the SDK keeps what belongs to a device. */
export const deviceStorage = canLock ? localStorage : sessionStorage;

let release = () => undefined;

function parse(text) {
  try {
    return JSON.parse(text) ?? [];
  } catch {
    return [];
  }
}

const keyOf = (user) => `rookery.devices.${user}`;

const newName = () => `web-${randomId()}`;

/** Holds the name until {@link leaveDevice}, or until this page is gone; false: another tab has it. */
function hold(device, options) {
  return new Promise((resolve, reject) => {
    const held = (lock) => {
      resolve(lock !== null);
      return lock && new Promise((done) => (release = done));
    };
    navigator.locks.request(`rookery.${device}`, options, held).catch(reject);
  });
}

/** A name for a tab in which somebody signs in. */
export async function takeDevice(user) {
  if (!canLock) return newName();
  for (const device of parse(localStorage.getItem(keyOf(user))))
    if (await hold(device, { ifAvailable: true })) return device;
  const device = newName();
  localStorage.setItem(keyOf(user), JSON.stringify([...parse(localStorage.getItem(keyOf(user))), device]));
  await hold(device, {});
  return device;
}

/** After a reload: the page before may not be gone yet, so the lock comes when it comes. */
export function keepDevice(device) {
  if (canLock) void hold(device, {});
}

export function leaveDevice() {
  release();
  release = () => undefined;
}
