import { $, el, paintAvatar, reconcile } from './dom.js';
import { shortTimeOf, signOf, summaryOf, titleOf } from './format.js';

/** The list of conversations, the last moved first. */
export function renderList(store, outgoing, open) {
  const items = store.sorted
    .filter((each) => (each.head > 0 && !each.bare) || each === store.active || outgoing.of(each).length > 0)
    .map((conversation) => itemOf(conversation, store, outgoing));
  $('no-conversations').hidden = items.some(({ conversation }) => conversation.writable);
  reconcile($('conversations'), items, (item) => rowOf(item, open));
}

function itemOf(conversation, store, outgoing) {
  const waiting = outgoing.of(conversation).at(-1);
  const last = waiting ? { ...waiting.draft, from: store.me } : conversation.last;
  const typing = conversation.typingUntil > Date.now();
  const item = {
    key: conversation.key,
    title: titleOf(conversation, store.me),
    text: typing ? 'typing…' : last ? lineOf(last, last.from === store.me) : '',
    time: conversation.head > 0 || waiting ? shortTimeOf(waiting?.time ?? conversation.time) : '',
    unread: conversation.unread(store.me),
    mentioned: conversation.mentions(store.me) > 0,
    presence: conversation.peer && store.presence.get(conversation.peer)?.state,
    active: conversation === store.active,
    typing,
  };
  return { ...item, signature: JSON.stringify(item), conversation };
}

/** Who wrote it stands before it, but not who called. */
const lineOf = (entry, own) => (own && entry.event !== 'chat.call' ? 'You: ' : '') + summaryOf(entry, own);

function rowOf({ conversation, title, text, time, unread, mentioned, presence, active, typing }, open) {
  const badge =
    unread > 0
      ? el(
          'span',
          { className: 'badge' },
          unread > 99 ? '99+' : String(unread),
          el('span', { className: 'visually-hidden' }, ' unread'),
        )
      : undefined;
  const button = el(
    'button',
    { type: 'button', className: 'row', onclick: () => open(conversation) },
    el('span', { className: 'with-dot' }, avatarOf(title, signOf(conversation)), dotOf(presence)),
    el(
      'span',
      { className: 'grow' },
      el('span', { className: 'row-title ellipsis', dir: 'auto' }, title),
      el('span', { className: `row-text ellipsis${typing ? ' accent' : ''}`, dir: 'auto' }, text),
    ),
    el(
      'span',
      { className: 'row-side' },
      el('span', { className: 'row-time' }, time),
      el('span', { className: 'badges' }, mentionOf(mentioned), badge),
    ),
  );
  if (active) button.setAttribute('aria-current', 'true');
  return el('li', {}, button);
}

export const avatarOf = (title, sign) => paintAvatar(el('span', { ariaHidden: 'true' }), title, sign);

function dotOf(state) {
  if (state === undefined || state === 'offline') return undefined;
  const hint = el('span', { className: 'visually-hidden' }, ` ${state}`);
  return el('span', { className: `dot ${state}`, title: state }, hint);
}

function mentionOf(mentioned) {
  if (!mentioned) return undefined;
  const hint = el('span', { className: 'visually-hidden' }, ' you are mentioned');
  return el('span', { className: 'badge mention' }, '@', hint);
}
