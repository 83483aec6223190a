import { $, el, paintAvatar } from './dom.js';

const TOAST_TIME = 6000;

const STOPPED = {
  4500: { title: 'Sign in again', text: 'The server no longer accepts this sign-in.', button: 'Sign in' },
  4501: {
    title: 'Open somewhere else',
    text: 'This conversation list was opened again under the same device name, probably in a copy of this tab.',
    button: 'Use it here',
  },
  4502: { title: 'Signed out', text: 'You were signed out.', button: 'Sign in' },
  4503: { title: 'Disconnected', text: 'An administrator ended this connection.', button: 'Connect again' },
};
const UNKNOWN = {
  title: 'Connection ended',
  text: 'The server ended this connection and asked not to come back by itself.',
  button: 'Connect again',
};

/** What the connection is doing, in the words of a person. */
export function statusText({ name, retryAt }) {
  if (name === 'online') return 'Online';
  if (name === 'stopped') return 'Not connected';
  if (name === 'connecting') return 'Connecting…';
  const seconds = Math.ceil((retryAt - Date.now()) / 1000);
  return seconds >= 1 ? `Reconnecting in ${seconds} s` : 'Reconnecting…';
}

export function renderStatus(state) {
  const element = $('status');
  const text = statusText(state);
  if (element.textContent !== text) element.textContent = text;
  element.dataset.state = state.name;
  $('text').placeholder =
    state.name === 'online' ? 'Write a message' : 'Write a message; it is sent when the connection is back';
}

export function renderMe(me) {
  $('me').textContent = me;
  paintAvatar($('me-avatar'), me);
}

/** The server said not to come back: a person decides. */
export function askAfterStop({ code, reason }, decide) {
  const { title, text, button } = STOPPED[code] ?? UNKNOWN;
  $('stopped-title').textContent = title;
  $('stopped-text').textContent = code === 4500 && reason ? `${text} ${reason}.` : text;
  $('stopped-button').textContent = button;
  $('stopped-button').onclick = () => {
    $('stopped').close();
    decide(code);
  };
  $('stopped').oncancel = (event) => event.preventDefault();
  if (!$('stopped').open) $('stopped').showModal();
}

/** `key` names what it is about; {@link dismissToasts} takes it away when that has been opened. */
export function toast(title, text, { key = '', onclick } = {}) {
  const element = el(
    'button',
    { type: 'button', className: 'toast', dataset: { key } },
    el('strong', { dir: 'auto' }, title),
    el('span', { dir: 'auto' }, text),
  );
  element.onclick = () => {
    element.remove();
    onclick?.();
  };
  $('toasts').append(element);
  setTimeout(() => element.remove(), TOAST_TIME);
}

export function dismissToasts(key) {
  for (const element of $('toasts').querySelectorAll('.toast'))
    if (element.dataset.key === key) element.remove();
}
