import { $ } from './dom.js';

/** The windows of the page: each has a button that closes it. */
export function startDialogs() {
  for (const button of document.querySelectorAll('[data-close]'))
    button.onclick = () => button.closest('dialog').close();
}

/** All but the one that says that the connection is over. */
export function closeDialogs() {
  for (const dialog of document.querySelectorAll('dialog[open]:not(#stopped)')) dialog.close();
}

/** Resolves with whether a person means it. */
export function confirmed({ title, text, button }) {
  const dialog = $('confirm');
  $('confirm-title').textContent = title;
  $('confirm-text').textContent = text;
  $('confirm-yes').textContent = button;
  dialog.returnValue = '';
  dialog.showModal();
  return new Promise((resolve) => {
    $('confirm-yes').onclick = () => dialog.close('yes');
    $('confirm-no').onclick = () => dialog.close();
    dialog.onclose = () => resolve(dialog.returnValue === 'yes');
  });
}
