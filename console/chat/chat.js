import { App } from './app.js';
import { $ } from './dom.js';
import { clearSession, loadSession, signIn, withNewDevice } from './session.js';

const REPLACED = 4501;
const SIGN_IN_AGAIN = new Set([4500, 4502]);

const wsPath = document.querySelector('meta[name="rookery-ws-path"]').content;
const url = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}${wsPath}`;

let app;

function showSignIn(name = '') {
  app?.stop();
  app = undefined;
  clearSession();
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
  app = new App({ session, url, onEnd: (code) => decided(session, code) });
  app.start();
}

function decided(session, code) {
  if (SIGN_IN_AGAIN.has(code)) showSignIn(session.user);
  else start(code === REPLACED ? withNewDevice(session) : session);
}

$('sign-in-form').onsubmit = async (event) => {
  event.preventDefault();
  $('sign-in-error').hidden = true;
  try {
    start(await signIn($('name').value));
  } catch (error) {
    $('sign-in-error').textContent = error.refused
      ? error.message
      : 'The server cannot be reached. Try again in a moment.';
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

const session = loadSession();
if (session) start(session);
else showSignIn();
