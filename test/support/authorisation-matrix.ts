/**
 * Who may do what: one row for every command of the socket and every call of REST, and more than one where it takes
 * different kinds of objects. A server with a command or a call that has no row fails the test.
 */

/** What a row is about. Each is the own one of some of those below, and foreign to the others. */
export type ObjectKind =
  /** A private group that cannot be asked: who is not in it, or invited, must not know that it exists. */
  | 'den'
  /** A private group that lets itself be asked, and has been. */
  | 'desk'
  /** An open group. */
  | 'hall'
  /** The direct chat of `member` and `owner`. */
  | 'direct'
  /** The inbox of `member`. */
  | 'inbox'
  | 'broadcast'
  /** A user who has nothing to do with any of those below. */
  | 'somebody'
  /** The user in the column `member`. */
  | 'member'
  /** A file of `owner`, in a message of the den before `past` left. */
  | 'oldFile'
  /** The same, after he left. */
  | 'newFile'
  /** A file of `member` that no message refers to. */
  | 'draft'
  /** A notification in the inbox of `member`. */
  | 'told'
  /** A broadcast to administrators. */
  | 'toldAdmins'
  /** Of `member`, and it rings at `owner`. */
  | 'call'
  /** Where `member` is told what he misses. */
  | 'device'
  | 'nothing';

/** What must look the same as what does not exist. */
export const HIDDEN: ReadonlySet<ObjectKind> = new Set([
  'den',
  'direct',
  'inbox',
  'oldFile',
  'newFile',
  'draft',
  'told',
  'toldAdmins',
  'call',
  'device',
]);

/**
 * The columns. `past` was a member and has left; `root` administers the server and is in none of the groups. Not in
 * the table, because nothing of theirs may differ: `nobody` has no token and is `unauthenticated` everywhere but at
 * public calls, `pretender` has tokens with roles that only look like an administrator's and is a stranger, `service`
 * has the role among others and is `root`.
 */
export const ROLES = ['stranger', 'past', 'invited', 'banned', 'member', 'admin', 'owner', 'root'] as const;
export type Role = (typeof ROLES)[number];

export const ANSWERS = {
  ok: 'ok',
  '-': 'not_found',
  no: 'forbidden',
  rf: 'refused',
  cf: 'conflict',
  '!': 'invalid',
} as const;
export type Answer = (typeof ANSWERS)[keyof typeof ANSWERS];

/** Users that a call may name beside its object. */
export interface Subjects {
  /** Has nothing to do with the group. */
  somebody: string;
  /** A plain member, as `member` is. */
  mate: string;
  /** Has asked to join the desk. */
  asker: string;
  owner: string;
  member: string;
  invited: string;
  banned: string;
  past: string;
  /** A token of the caller himself, and one of another user. */
  ownToken: string;
  foreignToken: string;
  /** Never given twice. */
  fresh: string;
}

export type Data = (subjects: Subjects, object: string) => Record<string, unknown>;

export interface Row {
  /** Name of a command, or method and path as in the OpenAPI document. */
  call: string;
  object: ObjectKind;
  /** Data of a command without its `conversation`; of a REST call `{params, query, body}`, all of them optional. */
  data: Data;
  answers: Record<Role, Answer>;
  /** Of who is not kept out by his role alone, for an object that does not exist. Undefined: there is no object. */
  absent?: Answer;
  /** Needs no token. */
  isPublic: boolean;
}

const NONE: Data = () => ({});

/** `answers` in the order of ROLES, then `|` and the answer for what does not exist. */
function row(call: string, object: ObjectKind, data: Data, answers: string): Row {
  const [cells = '', absent] = answers.split('|').map((part) => part.trim());
  const names = cells === 'public' ? ROLES.map(() => 'ok') : cells.split(/\s+/);
  if (names.length !== ROLES.length) throw new Error(`${call} has ${names.length} answers`);
  const entries = ROLES.map((role, column): [Role, Answer] => [role, answerOf(names[column] ?? '')]);
  return {
    call,
    object,
    data,
    answers: Object.fromEntries(entries) as Record<Role, Answer>,
    ...(absent !== undefined && { absent: answerOf(absent) }),
    isPublic: cells === 'public',
  };
}

function answerOf(name: string): Answer {
  if (!(name in ANSWERS)) throw new Error(`No such answer: ${name}`);
  return ANSWERS[name as keyof typeof ANSWERS];
}

const text: Data = () => ({ kind: 'text', content: 'x' });
const first: Data = () => ({ seq: 1 });
const user: Data = (_, object) => ({ user: object });
const to: Data = (_, object) => ({ to: object });
const asked: Data = ({ asker }) => ({ users: [asker] });
const mates: Data = ({ mate }) => ({ users: [mate] });
const body =
  (data: Data): Data =>
  (subjects, object) => ({ body: data(subjects, object) });

/** The same for a command and, with its data as the body, for the REST call that does the same. */
function both(command: string, rest: string, object: ObjectKind, data: Data, answers: string): Row[] {
  return [row(command, object, data, answers), row(rest, object, body(data), answers)];
}

const groupCall = (verb: string, method = 'POST'): [string, string] => [
  `group.${verb}`,
  `${method} /api/v1/groups/{group}${method === 'POST' ? `/${verb}` : ''}`,
];

/** A command about a message of `owner`, and its REST call. */
function message(
  verb: string,
  method: string,
  path: string,
  { emoji, ...more }: { content?: string; emoji?: string },
  object: 'den' | 'direct',
  answers: string,
): Row[] {
  const seq = object === 'den' ? 3 : 1;
  const rest: Data = () => ({
    params: { seq: String(seq), ...(emoji && { emoji }) },
    ...(more.content && { body: more }),
  });
  return [
    row(`chat.${verb}`, object, () => ({ seq, ...more, ...(emoji && { emoji }) }), answers),
    row(`${method} /api/v1/conversations/{conversation}/messages/{seq}${path}`, object, rest, answers),
  ];
}

/* prettier-ignore */
export const MATRIX: readonly Row[] = [
  //                                                             stranger past invited banned member admin owner root | absent
  row('auth', 'nothing', ({ ownToken }) => ({ token: ownToken }),         'ok ok ok ok ok ok ok ok'),
  row('auth', 'nothing', ({ foreignToken }) => ({ token: foreignToken }), 'no no no no no no no no'),
  row('ping', 'nothing', NONE,                                            'ok ok ok ok ok ok ok ok'),

  row('chat.send', 'den', text,                                           '-  -  -  -  ok ok ok -  | -'),
  row('chat.send', 'hall', text,                                          '-  -  -  -  ok ok ok -  | -'),
  row('chat.send', 'direct', text,                                        '-  -  -  -  ok -  ok -  | -'),
  row('chat.send', 'inbox', text,                                         '-  -  -  -  -  -  -  -  | -'),
  row('chat.send', 'broadcast', text,                                     '-  -  -  -  -  -  -  -'),
  row('chat.send', 'somebody', (s, to) => ({ ...text(s, to), to }),       'ok ok ok ok ok ok ok ok | ok'),
  row('chat.send', 'newFile', (s, id) => ({ kind: 'file', content: { url: `/api/v1/attachments/${id}` }, to: s.somebody }),
                                                                          '-  -  -  -  ok ok ok -  | -'),
  row('chat.send', 'draft', (s, id) => ({ kind: 'file', content: { url: `/api/v1/attachments/${id}` }, to: s.somebody }),
                                                                          '-  -  -  -  ok -  -  -  | -'),
  row('chat.delivered', 'den', first,                                     '-  ok -  -  ok ok ok -  | -'),
  row('chat.delivered', 'direct', first,                                  '-  -  -  -  ok -  ok -  | -'),
  row('chat.delivered', 'inbox', first,                                   '-  -  -  -  ok -  -  -  | -'),
  row('chat.delivered', 'broadcast', first,                               'ok ok ok ok ok ok ok ok'),
  row('chat.read', 'den', first,                                          '-  ok -  -  ok ok ok -  | -'),
  row('chat.read', 'direct', first,                                       '-  -  -  -  ok -  ok -  | -'),
  row('chat.read', 'inbox', first,                                        '-  -  -  -  ok -  -  -  | -'),
  row('chat.read', 'broadcast', first,                                    'ok ok ok ok ok ok ok ok'),
  row('chat.history', 'den', NONE,                                        '-  ok -  -  ok ok ok -  | -'),
  row('chat.history', 'hall', NONE,                                       '-  ok -  -  ok ok ok -  | -'),
  row('chat.history', 'direct', NONE,                                     '-  -  -  -  ok -  ok -  | -'),
  row('chat.history', 'inbox', NONE,                                      '-  -  -  -  ok -  -  -  | -'),
  row('chat.history', 'broadcast', NONE,                                  'ok ok ok ok ok ok ok ok'),
  row('chat.history', 'member', to,                                       'ok ok ok ok ok ok ok ok | ok'),
  row('chat.sync', 'nothing', NONE,                                       'ok ok ok ok ok ok ok ok'),
  row('chat.unread', 'nothing', NONE,                                     'ok ok ok ok ok ok ok ok'),
  row('chat.mentions', 'nothing', NONE,                                   'ok ok ok ok ok ok ok ok'),
  row('chat.settings', 'den', () => ({ pinned: true }),                   '-  ok -  -  ok ok ok -  | -'),
  row('chat.settings', 'direct', () => ({ pinned: true }),                '-  -  -  -  ok -  ok -  | -'),
  row('chat.settings', 'inbox', () => ({ pinned: true }),                 '-  -  -  -  ok -  -  -  | -'),
  row('chat.readers', 'den', () => ({ seq: 3 }),                          '-  -  -  -  ok ok ok -  | -'),
  row('chat.readers', 'direct', first,                                    '-  -  -  -  ok -  ok -  | -'),
  row('chat.readers', 'inbox', first,                                     '-  -  -  -  -  -  -  -  | -'),
  row('chat.readers', 'broadcast', first,                                 '-  -  -  -  -  -  -  -'),
  row('chat.typing', 'den', NONE,                                         '-  -  -  -  ok ok ok -  | -'),
  row('chat.typing', 'direct', NONE,                                      '-  -  -  -  ok -  ok -  | -'),
  row('chat.typing', 'inbox', NONE,                                       '-  -  -  -  -  -  -  -  | -'),
  row('chat.typing', 'broadcast', NONE,                                   '-  -  -  -  -  -  -  -'),
  row('chat.typing', 'somebody', to,                                      'ok ok ok ok ok ok ok ok | ok'),

  ...message('edit', 'PATCH', '', { content: 'y' }, 'den',                '-  -  -  -  no no ok -  | -'),
  ...message('edit', 'PATCH', '', { content: 'y' }, 'direct',             '-  -  -  -  no -  ok -  | -'),
  ...message('recall', 'DELETE', '', {}, 'den',                           '-  -  -  -  no ok ok -  | -'),
  ...message('react', 'PUT', '/reactions/{emoji}', { emoji: 'x' }, 'den', '-  -  -  -  ok ok ok -  | -'),
  row('DELETE /api/v1/conversations/{conversation}/messages/{seq}/reactions/{emoji}', 'den', () => ({ params: { seq: '3', emoji: 'x' } }),
                                                                          '-  -  -  -  ok ok ok -  | -'),
  ...message('pin', 'PUT', '/pin', {}, 'den',                             '-  -  -  -  no ok ok -  | -'),
  ...message('pin', 'PUT', '/pin', {}, 'direct',                          '-  -  -  -  ok -  ok -  | -'),
  row('DELETE /api/v1/conversations/{conversation}/messages/{seq}/pin', 'den', () => ({ params: { seq: '3' } }),
                                                                          '-  -  -  -  no ok ok -  | -'),
  row('PATCH /api/v1/conversations/{conversation}/messages/{seq}', 'den', ({ owner }) => ({ params: { seq: '3' }, body: { content: 'y', from: owner } }),
                                                                          'no no no no no no ok ok | -'),
  row('DELETE /api/v1/conversations/{conversation}/messages/{seq}', 'den', ({ owner }) => ({ params: { seq: '3' }, query: { from: owner } }),
                                                                          'no no no no no no ok ok | -'),
  row('chat.pins', 'den', NONE,                                           '-  ok -  -  ok ok ok -  | -'),
  row('chat.pins', 'direct', NONE,                                        '-  -  -  -  ok -  ok -  | -'),
  row('GET /api/v1/conversations/{conversation}/pins', 'den', NONE,       '-  ok -  -  ok ok ok -  | -'),
  row('chat.hide', 'den', () => ({ seqs: [3] }),                          '-  ok -  -  ok ok ok -  | -'),
  row('chat.hide', 'den', () => ({ seqs: [8] }),                          '-  -  -  -  ok ok ok -  | -'),
  row('chat.forward', 'den', (s, id) => ({ from: { conversation: id, seq: 3 }, to: s.somebody }),
                                                                          '-  ok -  -  ok ok ok -  | -'),
  row('chat.forward', 'den', (s, id) => ({ from: { conversation: id, seq: 8 }, to: s.somebody }),
                                                                          '-  -  -  -  ok ok ok -  | -'),
  row('chat.forward', 'direct', (s, id) => ({ from: { conversation: id, seq: 1 }, to: s.somebody }),
                                                                          '-  -  -  -  ok -  ok -  | -'),

  row('search.messages', 'nothing', () => ({ query: 'said' }),            'ok ok ok ok ok ok ok ok'),
  row('search.messages', 'den', () => ({ query: 'said' }),                '-  ok -  -  ok ok ok -  | -'),
  row('search.messages', 'direct', () => ({ query: 'told' }),             '-  -  -  -  ok -  ok -  | -'),
  row('GET /api/v1/search/messages', 'den', (_, conversation) => ({ query: { query: 'said', conversation } }),
                                                                          '-  ok -  -  ok ok ok -  | -'),

  row('call.answer', 'call', (_, call) => ({ call, payload: 1 }),         '-  -  -  -  -  -  ok -  | -'),
  row('call.candidate', 'call', (_, call) => ({ call, payload: 1 }),      '-  -  -  -  ok -  cf -  | -'),
  row('call.ringing', 'call', (_, call) => ({ call }),                    '-  -  -  -  ok -  ok -  | -'),
  row('call.reject', 'call', (_, call) => ({ call }),                     '-  -  -  -  -  -  ok -  | -'),
  row('call.hangup', 'call', (_, call) => ({ call }),                     '-  -  -  -  ok -  ok -  | -'),
  row('call.resume', 'call', (_, call) => ({ call }),                     '-  -  -  -  ok -  cf -  | -'),
  row('call.signal', 'somebody', (_, to) => ({ to, payload: 1 }),         'ok ok ok ok ok ok ok ok | ok'),

  row('contact.request', 'somebody', to,                                  'ok ok ok ok ok ok ok ok | ok'),
  row('contact.accept', 'somebody', user,                                 '-  -  -  -  -  -  -  -  | -'),
  row('contact.decline', 'somebody', user,                                'ok ok ok ok ok ok ok ok | ok'),
  row('contact.remove', 'somebody', user,                                 'ok ok ok ok ok ok ok ok | ok'),
  row('contact.remark', 'somebody', (_, user) => ({ user, remark: 'x' }), '-  -  -  -  -  -  -  -  | -'),
  row('contact.block', 'somebody', user,                                  'ok ok ok ok ok ok ok ok | ok'),
  row('contact.unblock', 'somebody', user,                                'ok ok ok ok ok ok ok ok | ok'),
  row('contact.list', 'nothing', NONE,                                    'ok ok ok ok ok ok ok ok'),

  ...both('group.create', 'POST /api/v1/groups', 'den', (_, id) => ({ id, name: 'x', visibility: 'open' }),
                                                                          'cf cf cf cf cf cf cf cf | ok'),
  ...both('group.create', 'POST /api/v1/groups', 'nothing', ({ fresh }) => ({ id: fresh, name: 'x', visibility: 'open' }),
                                                                          'ok ok ok ok ok ok ok ok'),
  row('group.get', 'den', NONE,                                           '-  -  ok -  ok ok ok -  | -'),
  row('group.get', 'desk', NONE,                                          'ok ok ok -  ok ok ok ok | -'),
  row('group.get', 'hall', NONE,                                          'ok ok ok ok ok ok ok ok | -'),
  ...both(...groupCall('update', 'PATCH'), 'den', () => ({ name: 'y' }),  '-  -  -  -  no ok ok -  | -'),
  ...both(...groupCall('join'), 'den', NONE,                              '-  -  ok -  cf cf cf -  | -'),
  ...both(...groupCall('join'), 'desk', NONE,                             'rf rf ok -  cf cf cf rf | -'),
  ...both(...groupCall('join'), 'hall', NONE,                             'ok ok ok rf cf cf cf ok | -'),
  ...both(...groupCall('leave'), 'den', NONE,                             '-  -  -  -  ok ok rf -  | -'),
  ...both(...groupCall('invite'), 'den', ({ somebody }) => ({ users: [somebody] }),
                                                                          '-  -  -  -  ok ok ok -  | -'),
  ...both(...groupCall('invite'), 'den', ({ banned }) => ({ users: [banned] }),
                                                                          '-  -  -  -  rf rf rf -  | -'),
  ...both(...groupCall('accept'), 'den', NONE,                            '-  -  ok -  cf cf cf -  | -'),
  ...both(...groupCall('accept'), 'hall', NONE,                           '-  -  ok -  cf cf cf -  | -'),
  ...both(...groupCall('decline'), 'den', NONE,                           '-  -  ok -  cf cf cf -  | -'),
  ...both(...groupCall('request'), 'den', NONE,                           '-  -  cf -  cf cf cf -  | -'),
  ...both(...groupCall('request'), 'desk', NONE,                          'ok ok cf rf cf cf cf ok | -'),
  ...both(...groupCall('approve'), 'desk', asked,                         '-  -  -  -  no ok ok -  | -'),
  ...both(...groupCall('approve'), 'den', ({ somebody }) => ({ users: [somebody] }),
                                                                          '-  -  -  -  no -  -  -  | -'),
  ...both(...groupCall('reject'), 'desk', asked,                          '-  -  -  -  no ok ok -  | -'),
  ...both(...groupCall('reject'), 'den', ({ invited }) => ({ users: [invited] }),
                                                                          '-  -  -  -  no ok ok -  | -'),
  ...both('group.add', 'POST /api/v1/groups/{group}/members', 'den', ({ somebody }) => ({ users: [somebody] }),
                                                                          'no no no no no no no ok | -'),
  ...both(...groupCall('remove'), 'den', mates,                           '-  -  -  -  no ok ok -  | -'),
  ...both(...groupCall('remove'), 'den', ({ owner }) => ({ users: [owner] }), '-  -  -  -  no no no -  | -'),
  ...both(...groupCall('ban'), 'den', mates,                              '-  -  -  -  no ok ok -  | -'),
  ...both(...groupCall('ban'), 'den', ({ owner }) => ({ users: [owner] }), '-  -  -  -  no no no -  | -'),
  ...both(...groupCall('unban'), 'den', ({ banned }) => ({ users: [banned] }),
                                                                          '-  -  -  -  no ok ok -  | -'),
  ...both(...groupCall('role'), 'den', ({ mate }) => ({ user: mate, role: 'admin' }),
                                                                          '-  -  -  -  no no ok -  | -'),
  ...both(...groupCall('role'), 'den', ({ mate }) => ({ user: mate, role: 'owner' }),
                                                                          '-  -  -  -  no no ok -  | -'),
  ...both(...groupCall('transfer'), 'den', ({ mate }) => ({ user: mate }), '-  -  -  -  no no ok -  | -'),
  ...both(...groupCall('mute'), 'den', ({ mate }) => ({ user: mate }),    '-  -  -  -  no ok ok -  | -'),
  ...both(...groupCall('mute'), 'den', ({ owner }) => ({ user: owner }),  '-  -  -  -  no no no -  | -'),
  ...both(...groupCall('unmute'), 'den', ({ mate }) => ({ user: mate }),  '-  -  -  -  no cf cf -  | -'),
  ...both(...groupCall('dissolve', 'DELETE'), 'den', NONE,                '-  -  -  -  no no ok -  | -'),
  row('group.members', 'den', NONE,                                       '-  -  -  -  ok ok ok -  | -'),
  row('group.members', 'hall', NONE,                                      '-  -  -  -  ok ok ok -  | -'),
  row('group.members', 'den', () => ({ relation: 'banned' }),             '-  -  -  -  no ok ok -  | -'),
  row('group.list', 'nothing', NONE,                                      'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/groups', 'nothing', NONE,                              'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/groups/{group}', 'den', NONE,                          '-  -  ok -  ok ok ok -  | -'),
  row('GET /api/v1/groups/{group}/members', 'den', NONE,                  '-  -  -  -  ok ok ok -  | -'),
  row('GET /api/v1/groups/{group}/members', 'den', () => ({ query: { relation: 'invited' } }),
                                                                          '-  -  -  -  no ok ok -  | -'),

  row('GET /api/v1/conversations', 'nothing', NONE,                       'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/conversations/{conversation}/messages', 'den', NONE,   '-  ok -  -  ok ok ok -  | -'),
  row('GET /api/v1/conversations/{conversation}/messages', 'direct', NONE, '-  -  -  -  ok -  ok -  | -'),
  row('GET /api/v1/conversations/{conversation}/messages', 'inbox', NONE, '-  -  -  -  ok -  -  -  | -'),
  row('POST /api/v1/messages', 'den', body((s, conversation) => ({ ...text(s, ''), conversation })),
                                                                          '-  -  -  -  ok ok ok -  | -'),
  row('POST /api/v1/messages', 'den', body((s, conversation) => ({ ...text(s, ''), conversation, from: s.member })),
                                                                          'no no no no ok no no ok | -'),
  row('POST /api/v1/messages', 'direct', body((s, conversation) => ({ ...text(s, ''), conversation })),
                                                                          '-  -  -  -  ok -  ok -  | -'),

  row('GET /api/v1/contacts', 'nothing', NONE,                            'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/contacts', 'member', (_, user) => ({ query: { user } }), 'no no no no ok no no ok | ok'),
  row('POST /api/v1/contacts/{other}/request', 'somebody', body(NONE),    'ok ok ok ok ok ok ok ok | ok'),
  row('POST /api/v1/contacts/{other}/request', 'somebody', ({ member }) => ({ query: { user: member }, body: {} }),
                                                                          'no no no no ok no no ok | ok'),
  row('PUT /api/v1/contacts/{other}/remark', 'somebody', body(() => ({ remark: 'x' })),
                                                                          '-  -  -  -  -  -  -  -  | -'),
  row('PUT /api/v1/contacts/{other}/{action}', 'somebody', () => ({ params: { action: 'accept' } }),
                                                                          '-  -  -  -  -  -  -  -  | -'),
  row('PUT /api/v1/contacts/{other}/{action}', 'somebody', ({ member }) => ({ params: { action: 'block' }, query: { user: member } }),
                                                                          'no no no no ok no no ok | ok'),
  row('PUT /api/v1/contacts/{other}', 'somebody', NONE,                   'no no no no no no no ok | ok'),
  row('PUT /api/v1/contacts/{other}', 'somebody', ({ member }) => ({ query: { user: member } }),
                                                                          'no no no no no no no ok | ok'),
  row('DELETE /api/v1/contacts/{other}', 'somebody', NONE,                'ok ok ok ok ok ok ok ok | ok'),
  row('DELETE /api/v1/contacts/{other}', 'somebody', ({ member }) => ({ query: { user: member } }),
                                                                          'no no no no ok no no ok | ok'),

  row('POST /api/v1/attachments', 'nothing', () => ({ file: 'x' }),       'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/attachments/{id}', 'oldFile', NONE,                    '-  ok -  -  ok ok ok -  | -'),
  row('GET /api/v1/attachments/{id}', 'newFile', NONE,                    '-  -  -  -  ok ok ok -  | -'),
  row('GET /api/v1/attachments/{id}', 'draft', NONE,                      '-  -  -  -  ok -  -  -  | -'),
  row('DELETE /api/v1/attachments/{id}', 'newFile', NONE,                 '-  -  -  -  no no cf -  | -'),
  row('DELETE /api/v1/attachments/{id}', 'oldFile', NONE,                 '-  no -  -  no no cf -  | -'),
  row('DELETE /api/v1/attachments/{id}', 'draft', NONE,                   '-  -  -  -  ok -  -  -  | -'),

  ...both('push.register', 'POST /api/v1/push/devices', 'nothing', ({ fresh }) => ({ provider: 'webhook', token: fresh }),
                                                                          'ok ok ok ok ok ok ok ok'),
  row('push.unregister', 'device', (_, id) => ({ id }),                   '-  -  -  -  ok -  -  -  | -'),
  row('DELETE /api/v1/push/devices/{id}', 'device', NONE,                 '-  -  -  -  ok -  -  -  | -'),
  row('push.list', 'nothing', NONE,                                       'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/push', 'nothing', NONE,                                'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/admin/ip-blocklist', 'nothing', NONE,                  'no no no no no no no ok'),
  row('PUT /api/v1/admin/ip-blocklist', 'nothing', body(() => ({ ranges: ['192.0.2.9'] })),
                                                                          'no no no no no no no ok'),
  row('GET /api/v1/admin/push/dead-letters', 'nothing', NONE,             'no no no no no no no ok'),
  row('DELETE /api/v1/admin/push/dead-letters/{id}', 'draft', NONE,       'no no no no no no no -  | -'),
  row('POST /api/v1/admin/push/dead-letters/{id}/replay', 'draft', body(NONE), 'no no no no no no no -  | -'),

  row('notification.list', 'nothing', NONE,                               'ok ok ok ok ok ok ok ok'),
  row('notification.unread', 'nothing', NONE,                             'ok ok ok ok ok ok ok ok'),
  row('notification.read', 'told', (_, id) => ({ ids: [id] }),            '-  -  -  -  ok -  -  -  | -'),
  row('notification.read', 'toldAdmins', (_, id) => ({ ids: [id] }),      '-  -  -  -  -  -  -  ok | -'),
  row('notification.readAll', 'nothing', NONE,                            'ok ok ok ok ok ok ok ok'),
  row('notification.delete', 'told', (_, id) => ({ ids: [id] }),          '-  -  -  -  ok -  -  -  | -'),
  row('notification.delete', 'toldAdmins', (_, id) => ({ ids: [id] }),    '-  -  -  -  -  -  -  ok | -'),
  row('notification.locale', 'nothing', () => ({ locale: 'de' }),         'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/notifications', 'nothing', NONE,                       'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/notifications/unread', 'nothing', NONE,                'ok ok ok ok ok ok ok ok'),
  row('POST /api/v1/notifications/read', 'told', body((_, id) => ({ ids: [id] })),
                                                                          '-  -  -  -  ok -  -  -  | -'),
  row('POST /api/v1/notifications/read-all', 'nothing', body(NONE),       'ok ok ok ok ok ok ok ok'),
  row('DELETE /api/v1/notifications/{id}', 'told', NONE,                  '-  -  -  -  ok -  -  -  | -'),
  row('DELETE /api/v1/notifications/{id}', 'toldAdmins', NONE,            '-  -  -  -  -  -  -  ok | -'),
  row('PUT /api/v1/notifications/locale', 'nothing', body(() => ({ locale: 'de' })), 'ok ok ok ok ok ok ok ok'),
  row('DELETE /api/v1/admin/notifications/{id}', 'told', NONE,            'no no no no no no no ok | -'),

  row('POST /api/v1/admin/notifications', 'somebody', body((_, to) => ({ to, type: 't', content: 1 })),
                                                                          'no no no no no no no ok | ok'),
  row('POST /api/v1/admin/notifications', 'broadcast', body(() => ({ audience: 'all', type: 't', content: 1 })),
                                                                          'no no no no no no no ok'),
  row('GET /api/v1/admin/notifications/{id}/report', 'told', NONE,        'no no no no no no no ok | -'),
  row('GET /api/v1/admin/scheduled-notifications', 'nothing', NONE,       'no no no no no no no ok'),
  row('GET /api/v1/admin/scheduled-notifications/{id}', 'draft', NONE,    'no no no no no no no -  | -'),
  row('DELETE /api/v1/admin/scheduled-notifications/{id}', 'draft', NONE, 'no no no no no no no -  | -'),
  row('GET /api/v1/admin/notification-templates', 'nothing', NONE,        'no no no no no no no ok'),
  row('GET /api/v1/admin/notification-templates/{name}', 'nothing', () => ({ params: { name: 'none' } }),
                                                                          'no no no no no no no -'),
  row('PUT /api/v1/admin/notification-templates/{name}/{locale}', 'nothing', () => ({ params: { name: 'a', locale: 'de' }, body: { content: 'x' } }),
                                                                          'no no no no no no no ok'),
  row('DELETE /api/v1/admin/notification-templates/{name}', 'nothing', () => ({ params: { name: 'none' } }),
                                                                          'no no no no no no no -'),
  row('DELETE /api/v1/admin/notification-templates/{name}/{locale}', 'nothing', () => ({ params: { name: 'none', locale: 'de' } }),
                                                                          'no no no no no no no -'),

  row('chat.broadcast', 'nothing', text,                                  'ok ok ok ok ok ok ok ok'),
  row('presence.set', 'nothing', () => ({ state: 'busy' }),               'ok ok ok ok ok ok ok ok'),
  row('presence.get', 'member', (_, user) => ({ users: [user] }),         'ok ok ok ok ok ok ok ok | ok'),
  row('presence.subscribe', 'member', (_, user) => ({ users: [user] }),   'ok ok ok ok ok ok ok ok | ok'),
  row('presence.unsubscribe', 'nothing', NONE,                            'ok ok ok ok ok ok ok ok'),
  row('presence.watch', 'den', (_, group) => ({ group }),                 '-  -  -  -  ok ok ok -  | -'),
  row('presence.watch', 'hall', (_, group) => ({ group }),                '-  -  -  -  ok ok ok -  | -'),
  row('presence.watch', 'direct', (_, group) => ({ group }),              '-  -  -  -  -  -  -  -  | -'),
  row('presence.watch', 'broadcast', (_, group) => ({ group }),           '-  -  -  -  -  -  -  -'),
  row('presence.unwatch', 'den', (_, group) => ({ group }),               'ok ok ok ok ok ok ok ok | ok'),
  row('presence.privacy', 'nothing', () => ({ online: 'everybody' }),     'ok ok ok ok ok ok ok ok'),
  row('GET /api/v1/presence/{user}', 'member', NONE,                      'no no no no ok no no ok | ok'),
  row('POST /api/v1/presence/query', 'member', body((_, user) => ({ users: [user] })),
                                                                          'no no no no ok no no ok | ok'),

  row('notification.send', 'somebody', (_, to) => ({ to, type: 't', content: 1 }),
                                                                          'no no no no no no no ok | ok'),
  row('notification.broadcast', 'nothing', () => ({ type: 't', content: 1 }), 'no no no no no no no ok'),
  row('notification.schedule', 'somebody', (_, to) => ({ to, type: 't', content: 1, at: Date.now() + 1e9 }),
                                                                          'no no no no no no no ok | ok'),
  row('notification.cancel', 'nothing', () => ({ id: '01890a5d-ac96-774b-bcce-b302099a8057' }), 'no no no no no no no -'),
  row('POST /api/ws/send', 'somebody', body((_, to) => ({ to, type: 't', content: 1 })),
                                                                          'no no no no no no no ok | ok'),
  row('POST /api/ws/broadcast', 'nothing', body(() => ({ type: 't', content: 1 })), 'no no no no no no no ok'),
  row('GET /api/ws/status', 'nothing', NONE,                              'no no no no no no no ok'),
  row('DELETE /api/v1/users/{user}/connections', 'member', NONE,          'no no no no no no no ok | ok'),
  row('POST /user/wsLogout', 'member', body((_, id) => ({ owner_id: id })), 'no no no no ok no no ok | ok'),

  // The last one about the direct chat, whose first message is gone then.
  row('chat.recall', 'direct', first,                                     '-  -  -  -  no -  ok -  | -'),
  // With his tokens he may do nothing after it.
  row('DELETE /api/v1/users/{user}/tokens', 'member', NONE,               'no no no no no no no ok | ok'),

  ...['/health', '/health/live', '/health/ready', '/stats', '/metrics', '/asyncapi.json'].map((path) =>
    row(`GET ${path}`, 'nothing', NONE,                                   'public')),
  row('POST /chat/session', 'nothing', body(() => ({ name: 'x' })),       'public'),

  // The last of all: calls that nobody answers are written down after a while.
  row('call.offer', 'nothing', ({ somebody }) => ({ to: somebody, media: 'audio', payload: 1 }),
                                                                          'ok ok ok ok ok ok ok ok'),
];

/** Commands about a private group by who may give them, as `docs/operations.md` says it: callers, then commands. */
export function commandsInPrivateGroups(): Map<string, string[]> {
  const lines = new Map<string, string[]>();
  const seen = new Set<string>();
  for (const { call, object, answers } of MATRIX) {
    if (object !== 'den' || call.includes(' ') || call === 'group.create' || seen.has(call)) continue;
    seen.add(call);
    const who = ROLES.filter((role) => answers[role] === 'ok').join(', ');
    if (who !== '' && who !== ROLES.join(', ')) lines.set(who, [...(lines.get(who) ?? []), call]);
  }
  return lines;
}
