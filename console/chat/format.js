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
  if (conversation.peer === undefined) return conversation.name ?? conversation.id;
  return conversation.peer === me ? `${me} (you)` : conversation.peer;
}

export function signOf(conversation) {
  return { inbox: '🔔', broadcast: '📣' }[conversation.kind];
}

/** One line about a message, a notification or a call; `own`: it is this person's. */
export function summaryOf(entry, own = false) {
  if (entry.recalled) return 'Message recalled';
  if (entry.event === 'group.changed') return groupLineOf(entry);
  if (entry.event === 'group.invited') return `${entry.by} invites you to ${entry.name}`;
  if (entry.event === 'chat.call') return callLineOf(entry, own);
  if (entry.type !== undefined) return `${entry.type}: ${plain(entry.content)}`;
  return entry.kind === 'text'
    ? entry.content
    : `${entry.kind}: ${entry.content?.name ?? entry.content?.url ?? plain(entry.content)}`;
}

/** Minutes and seconds. */
export function durationOf(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/** How a call went, for who called (`own`) and for who was called. */
export function callLineOf({ media, outcome, duration }, own) {
  const call = media === 'video' ? 'Video call' : 'Call';
  if (outcome === 'answered') return `${call}, ${durationOf(duration)}`;
  if (outcome === 'rejected') return `${call}, declined`;
  if (own) return outcome === 'cancelled' ? `${call}, cancelled` : `${call}, no answer`;
  return `Missed ${call.toLowerCase()}`;
}

export function plain(content) {
  return typeof content === 'string' ? content : JSON.stringify(content, null, 1);
}

const GROUP_LINES = {
  created: 'made this group',
  updated: 'changed the group',
  left: 'left',
  dissolved: 'closed this group',
  joined: 'joined',
  requested: 'asks to join',
  declined: 'declined the invitation',
};

const NAMED = 5;

const namesOf = (users) =>
  users.length > NAMED + 1
    ? `${users.slice(0, NAMED).join(', ')} and ${users.length - NAMED} others`
    : users.join(', ');

/** What a change of a group did, in a line. */
export function groupLineOf({ change, by, users = [], role, set }) {
  const others = namesOf(users.filter((user) => user !== by));
  if (change === 'updated' && set?.name !== undefined) return `${by} named this group ${set.name}`;
  if (change === 'joined' && others) return `${others} joined, let in by ${by}`;
  if (change === 'role') return `${by} made ${others} ${role}`;
  if (change === 'transferred') return `${by} gave the group to ${others}`;
  return `${by} ${GROUP_LINES[change] ?? change}${others ? ` ${others}` : ''}`;
}

export function sizeOf(bytes) {
  if (bytes === undefined) return '';
  return bytes < 1_000_000 ? `${Math.ceil(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
