import { actionsOf, reactionsOf } from './actions-view.js';
import { $, el, reconcile } from './dom.js';
import { dayOf, fullTimeOf, plain, summaryOf, timeOf } from './format.js';

const MARKS = {
  sending: { sign: '◷', label: 'Sending' },
  failed: { sign: '!', label: 'Not sent' },
  sent: { sign: '✓', label: 'Sent' },
  delivered: { sign: '✓✓', label: 'Delivered' },
  read: { sign: '✓✓', label: 'Read' },
};
const LINKABLE = /^(https?:\/\/|\/(?!\/))/;

/** The messages of the open conversation, then those still on their way. */
export function renderMessages(conversation, me, { outgoing, actions, files }) {
  const stored = conversation.shown.map((entry) => storedItem(entry, conversation, me));
  const unsent = conversation.around ? [] : outgoing.of(conversation);
  const waiting = unsent.map((item) => waitingItem(item));
  reconcile($('messages'), withDays([...stored, ...waiting]), (item) =>
    item.day ? dayRow(item) : rowOf(item, { conversation, outgoing, actions, files }),
  );
  return stored.length + waiting.length;
}

/** Keyed by client id, so that a message keeps its element on its way from the outbox into the journal. */
function storedItem(entry, conversation, me) {
  const own = entry.from === me;
  const status = own ? conversation.statusOf(entry) : undefined;
  const sender = conversation.kind === 'group' && !own ? entry.from : undefined;
  return item(own && entry.clientId ? `c${entry.clientId}` : `s${entry.seq}`, { entry, own, status, sender });
}

function waitingItem(unsent) {
  const status = unsent.failure === undefined ? 'sending' : 'failed';
  const entry = { ...unsent.draft, time: unsent.time, failure: unsent.failure };
  return { ...item(`c${unsent.clientId}`, { entry, own: true, status }), unsent };
}

function item(key, { entry, own, status, sender }) {
  return { key, entry, own, status, sender, signature: signatureOf(entry, status) };
}

function signatureOf({ seq, failure = '', revision = 0, editedAt = 0, reactions = [] }, status) {
  const counts = reactions.map(({ emoji, count, mine }) => `${emoji}${count}${mine}`).join();
  return `${status}|${seq}|${failure}|${revision}|${editedAt}|${counts}`;
}

function withDays(items) {
  let last;
  return items.flatMap((each) => {
    const day = dayOf(each.entry.time);
    if (day === last) return [each];
    last = day;
    return [{ key: `d${day}`, day, signature: day }, each];
  });
}

function dayRow({ day }) {
  return el('li', { className: 'day' }, el('span', {}, day));
}

function rowOf(item, context) {
  const { event } = item.entry;
  if (event === 'group.invited') return invitationRow(item.entry, context.actions);
  if (event === 'chat.call') return callRow(item);
  if (event === 'group.changed') return el('li', { className: 'system', dir: 'auto' }, summaryOf(item.entry));
  return messageRow(item, context);
}

function callRow({ entry, own }) {
  const time = el('time', { dateTime: new Date(entry.time).toISOString(), title: fullTimeOf(entry.time) });
  time.textContent = timeOf(entry.time);
  return el('li', { className: 'system call-line' }, `${summaryOf(entry, own)} · `, time);
}

function invitationRow(entry, actions) {
  const accept = el('button', { type: 'button', className: 'primary' }, 'Accept');
  accept.onclick = () => actions.accept(entry);
  return el('li', { className: 'system', dir: 'auto' }, `${summaryOf(entry)} `, accept);
}

function messageRow({ entry, own, status, sender, unsent }, { conversation, outgoing, actions, files }) {
  const foot = el(
    'span',
    { className: 'foot' },
    el(
      'time',
      { dateTime: new Date(entry.time).toISOString(), title: fullTimeOf(entry.time) },
      timeOf(entry.time),
    ),
    entry.pinned ? el('span', { title: 'Pinned' }, '📌') : undefined,
    entry.editedAt && !entry.recalled ? el('span', {}, 'edited') : undefined,
    status && markOf(status),
  );
  const group = conversation.kind === 'group';
  const { writable } = conversation;
  const stored = entry.seq !== undefined && entry.kind !== undefined && !entry.recalled;
  const bubble = el(
    'div',
    { className: 'bubble' },
    sender && el('span', { className: 'sender', dir: 'auto' }, sender),
    forwardedOf(entry),
    quoteOf(entry, conversation, actions),
    contentOf(entry, files),
    foot,
  );
  const row = el(
    'li',
    {
      className: `message ${own ? 'own' : 'other'}`,
      dataset: { status: status ?? '', seq: entry.seq ?? '' },
    },
    el(
      'div',
      { className: 'bubble-line' },
      bubble,
      stored ? actionsOf(entry, { own, group, writable }, actions) : undefined,
    ),
    reactionsOf(entry, actions),
  );
  if (status === 'failed') row.append(failureOf(unsent, outgoing));
  return row;
}

function markOf(status) {
  const { sign, label } = MARKS[status];
  const mark = el('span', { className: `mark ${status}`, title: label }, sign);
  mark.setAttribute('role', 'img');
  mark.setAttribute('aria-label', label);
  return mark;
}

function forwardedOf({ forwardedFrom, recalled }) {
  if (!forwardedFrom || recalled) return undefined;
  const from = el('b', { dir: 'auto' }, forwardedFrom.from);
  return el('span', { className: 'forwarded' }, 'Forwarded from ', from);
}

function quoteOf({ replyTo, recalled }, conversation, actions) {
  if (replyTo === undefined || recalled) return undefined;
  const answered = conversation.find(replyTo);
  const text = answered ? `${answered.from ?? ''}: ${summaryOf(answered)}` : 'An earlier message';
  const quote = el('button', { type: 'button', className: 'quote', dir: 'auto', title: 'Show it' }, text);
  quote.onclick = () => actions.jump(conversation, replyTo);
  return quote;
}

function contentOf(entry, files) {
  if (entry.recalled) return el('span', { className: 'text recalled' }, 'Message recalled');
  if (entry.type !== undefined) return notificationOf(entry);
  if (entry.kind === 'text') return el('span', { className: 'text', dir: 'auto' }, entry.content);
  if (entry.kind === 'custom') return el('pre', { className: 'text' }, plain(entry.content));
  const own = files.elementOf(entry);
  if (own) return own;
  const { url = '', name } = entry.content ?? {};
  const text = `${entry.kind}: ${name ?? url}`;
  return LINKABLE.test(url)
    ? el('a', { className: 'text', href: url, target: '_blank', rel: 'noopener noreferrer' }, text)
    : el('span', { className: 'text' }, text);
}

function notificationOf({ type, content }) {
  const body =
    typeof content === 'string'
      ? el('span', { className: 'text', dir: 'auto' }, content)
      : el('pre', { className: 'text' }, plain(content));
  return el('div', {}, el('span', { className: 'tag' }, type), body);
}

function failureOf(unsent, outgoing) {
  return el(
    'div',
    { className: 'failure' },
    el('span', {}, `Not sent: ${unsent.failure}`),
    el('button', { type: 'button', className: 'link', onclick: () => outgoing.retry(unsent) }, 'Try again'),
    el('button', { type: 'button', className: 'link', onclick: () => outgoing.remove(unsent) }, 'Discard'),
  );
}
