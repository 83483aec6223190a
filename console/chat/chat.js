import { App } from './app.js';
import { startDialogs } from './dialogs.js';
import { $ } from './dom.js';
import { startMenus } from './menus.js';
import { CloseCode, StateCode } from './rookery-client.js';
import { endSession, loadSession, signIn, withOtherDevice } from './session.js';

const SIGN_IN_AGAIN = new Set([CloseCode.Unauthenticated, CloseCode.LoggedOut, StateCode.TokenRefused]);

const wsPath = document.querySelector('meta[name="rookery-ws-path"]').content;
const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${wsPath}`;

let app;

function showSignIn(name = '') {
  app?.stop();
  app = undefined;
  endSession();
  document.title = 'Rookery chat';
  $('app').hidden = true;
  $('sign-in').hidden = false;
  $('name').value = name;
  $('name').focus();
}

function start(session) {
  app?.stop();
  $('sign-in').hidden = true;
  $('app').hidden = false;
  app = new App({ session, url, onEnd: (code) => void decided(session, code) });
  app.start();
}

async function decided({ user, device }, code) {
  if (SIGN_IN_AGAIN.has(code)) showSignIn(user);
  else start(code === CloseCode.Replaced ? await withOtherDevice(user) : { user, device });
}

$('sign-in-form').onsubmit = async (event) => {
  event.preventDefault();
  $('sign-in-error').hidden = true;
  try {
    start(await signIn($('name').value));
  } catch (error) {
    $('sign-in-error').textContent =
      error.retryable === false ? error.message : 'The server cannot be reached. Try again in a moment.';
    $('sign-in-error').hidden = false;
  }
};

$('new-chat').onsubmit = (event) => {
  event.preventDefault();
  const peer = $('peer').value.normalize('NFC').trim();
  $('peer').value = '';
  if (peer !== '') app.talkTo(peer);
};

$('sign-out').onclick = () => showSignIn();
$('second-tab').onclick = () => open('/chat', '_blank', 'noopener');

startDialogs();
startMenus();
const session = loadSession();
if (session) start(session);
else showSignIn();
