import { $, el, paintAvatar } from './dom.js';
import { CloseCode, StateCode } from './rookery-client.js';

const TOAST_TIME = 6000;
/** At once; a new one takes the place of the oldest. */
const TOASTS = 3;

const SIGN_IN_AGAIN = {
  title: 'Sign in again',
  text: 'The server no longer accepts this sign-in.',
  button: 'Sign in',
};
const DISCONNECTED = {
  [CloseCode.Unauthenticated]: SIGN_IN_AGAIN,
  [StateCode.TokenRefused]: SIGN_IN_AGAIN,
  [CloseCode.Replaced]: {
    title: 'Open somewhere else',
    text: 'This conversation list was opened again under the same device name, probably in a copy of this tab.',
    button: 'Use it here',
  },
  [CloseCode.LoggedOut]: { title: 'Signed out', text: 'You were signed out.', button: 'Sign in' },
  [CloseCode.Disconnected]: {
    title: 'Disconnected',
    text: 'An administrator ended this connection.',
    button: 'Connect again',
  },
};
const UNKNOWN = {
  title: 'Connection ended',
  text: 'The server ended this connection and asked not to come back by itself.',
  button: 'Connect again',
};

/** What the connection is doing, in the words of a person. */
export function statusText({ state, code, retryAt = 0 }) {
  if (state === 'connected') return 'Online';
  if (state === 'disconnected') return 'Not connected';
  const seconds = Math.ceil((retryAt - Date.now()) / 1000);
  if (seconds >= 1) return `Reconnecting in ${seconds} s`;
  return code === StateCode.ConnectCalled ? 'Connecting…' : 'Reconnecting…';
}

export function renderStatus(connection) {
  const element = $('status');
  const text = statusText(connection);
  if (element.textContent !== text) element.textContent = text;
  element.dataset.state = connection.state;
  $('text').placeholder =
    connection.state === 'connected'
      ? 'Write a message'
      : 'Write a message; it is sent when the connection is back';
}

export function renderMe(me) {
  $('me').textContent = me;
  paintAvatar($('me-avatar'), me);
}

/** The SDK does not come back by itself: a person decides. */
export function askAfterEnd({ code, reason }, decide) {
  const question = DISCONNECTED[code] ?? UNKNOWN;
  const { title, text, button } = question;
  $('stopped-title').textContent = title;
  $('stopped-text').textContent = question === SIGN_IN_AGAIN && reason ? `${text} (${reason})` : text;
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
    remove(element);
    onclick?.();
  };
  // Shown anew, it is above a window that was opened meanwhile.
  if ($('toasts').matches(':popover-open')) $('toasts').hidePopover();
  $('toasts').showPopover();
  if ($('toasts').childElementCount === TOASTS) $('toasts').firstElementChild.remove();
  $('toasts').append(element);
  setTimeout(() => remove(element), TOAST_TIME);
}

function remove(element) {
  element.remove();
  if ($('toasts').childElementCount === 0) $('toasts').hidePopover();
}

/** What a person asked for did not happen. */
export const told = (error) => toast('That did not work', error.details?.[0]?.message ?? error.message);

export function dismissToasts(key) {
  for (const element of $('toasts').querySelectorAll('.toast'))
    if (element.dataset.key === key) remove(element);
}
