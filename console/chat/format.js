const clock = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit' });
const weekday = new Intl.DateTimeFormat(undefined, { weekday: 'long' });
const date = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'long', year: 'numeric' });
const full = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const DAY = 86_400_000;

const startOfDay = (time) => new Date(time).setHours(0, 0, 0, 0);
const daysAgo = (time) => Math.round((startOfDay(Date.now()) - startOfDay(time)) / DAY);

export const timeOf = (time) => clock.format(time);
export const fullTimeOf = (time) => full.format(time);

export function dayOf(time) {
  const ago = daysAgo(time);
  if (ago <= 0) return 'Today';
  if (ago === 1) return 'Yesterday';
  return ago < 7 ? weekday.format(time) : date.format(time);
}

export function shortTimeOf(time) {
  return daysAgo(time) <= 0 ? timeOf(time) : dayOf(time);
}

/** What a conversation is called. */
export function titleOf(conversation, me) {
  if (conversation.kind === 'inbox') return 'Notifications';
  if (conversation.kind === 'broadcast') return 'Announcements';
  if (conversation.peer === undefined) return conversation.id;
  return conversation.peer === me ? `${me} (you)` : conversation.peer;
}

export function signOf(conversation) {
  return { inbox: '🔔', broadcast: '📣' }[conversation.kind];
}

/** One line about a message or a notification. */
export function summaryOf(entry) {
  if (entry.type !== undefined) return `${entry.type}: ${plain(entry.content)}`;
  return entry.kind === 'text'
    ? entry.content
    : `${entry.kind}: ${entry.content?.name ?? entry.content?.url ?? plain(entry.content)}`;
}

export function plain(content) {
  return typeof content === 'string' ? content : JSON.stringify(content, null, 1);
}
