import { el } from './dom.js';
import { menuItem } from './menus.js';

const EMOJI = ['👍', '❤️', '😂', '🎉'];

/** What can be done with a stored message, behind one button that works with mouse, keyboard and touch. */
export function actionsOf(entry, { own, group, writable }, actions) {
  const item = (text, act, label) => {
    const button = el('button', { type: 'button' }, text);
    if (label) button.setAttribute('aria-label', label);
    return menuItem(button, act);
  };
  const mine = (emoji) => entry.reactions?.some((each) => each.emoji === emoji && each.mine) ?? false;
  const emoji = EMOJI.map((sign) =>
    item(sign, () => actions.react(entry, sign, !mine(sign)), `React with ${sign}`),
  );
  const summary = el('summary', { title: 'Actions' }, '⋯');
  summary.setAttribute('aria-label', 'Actions');
  return el(
    'details',
    { className: 'actions', name: 'actions' },
    summary,
    el(
      'div',
      { className: 'action-list' },
      writable ? el('div', { className: 'action-emoji' }, ...emoji) : undefined,
      writable ? item('Reply', () => actions.reply(entry)) : undefined,
      item('Forward…', () => actions.forward(entry)),
      writable ? item(entry.pinned ? 'Unpin' : 'Pin', () => actions.pin(entry)) : undefined,
      writable && own && group ? item('Read by…', () => actions.readers(entry)) : undefined,
      writable && own && isEditable(entry) ? item('Edit', () => actions.edit(entry)) : undefined,
      writable && own ? item('Recall', () => actions.recall(entry)) : undefined,
      item('Delete for me', () => actions.hide(entry)),
    ),
  );
}

const isEditable = ({ kind, forwardedFrom }) => kind === 'text' && forwardedFrom === undefined;

export function reactionsOf(entry, actions) {
  if (!entry.reactions?.length) return undefined;
  const chips = entry.reactions.map(({ emoji, count, mine }) => {
    const chip = el('button', { type: 'button', className: 'reaction' }, `${emoji} ${count}`);
    chip.setAttribute('aria-pressed', String(mine));
    chip.onclick = () => actions.react(entry, emoji, !mine);
    return chip;
  });
  return el('div', { className: 'reactions' }, ...chips);
}
