import { el } from './dom.js';

/** Menus are `details`: one is open at a time, and Escape or a click beside it closes it. */

const OPEN = 'details.actions[open]';

/** Opens upwards where there is no room below, and that only within what scrolls around it. */
function place(menu) {
  const list = menu.querySelector('.action-list');
  list.classList.remove('up');
  const { top } = menu.getBoundingClientRect();
  const { bottom, height } = list.getBoundingClientRect();
  const area = (menu.closest('.scroller, dialog') ?? document.documentElement).getBoundingClientRect();
  list.classList.toggle('up', bottom > area.bottom && top - area.top > height);
}

export function startMenus() {
  document.addEventListener(
    'toggle',
    ({ target }) => target.matches(OPEN) && place(target),
    // This event does not bubble.
    { capture: true },
  );
  document.addEventListener('click', ({ target }) => {
    for (const menu of document.querySelectorAll(OPEN)) if (!menu.contains(target)) menu.open = false;
  });
  document.addEventListener('keydown', (event) => {
    const menu = document.querySelector(OPEN);
    if (event.key !== 'Escape' || !menu) return;
    event.preventDefault();
    menu.open = false;
    menu.querySelector('summary').focus();
  });
}

/** One line of a menu. */
export function menuItem(element, act) {
  element.onclick = () => {
    element.closest('details').open = false;
    act();
  };
  return element;
}

/** A menu at the end of a line: `deeds` are its lines, `[label, act]`. */
export function menuOf(name, deeds) {
  const summary = el('summary', { className: 'icon' }, '⋯');
  summary.setAttribute('aria-label', name);
  const buttons = deeds.map(([label, act]) => menuItem(el('button', { type: 'button' }, label), act));
  return el(
    'details',
    { className: 'actions end', name: 'actions' },
    summary,
    el('div', { className: 'action-list' }, ...buttons),
  );
}
