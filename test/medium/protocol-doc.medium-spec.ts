import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CloseCode, ErrorCode, shouldReconnect, type CommandName, type EventName } from '@rookery/protocol';
import { ERROR_TABLE } from '../../src/common/index.js';

const ROOT = resolve(import.meta.dirname, '../..');
const DOC = readFileSync(`${ROOT}/docs/protocol.md`, 'utf8');
const PROTOCOL = `${ROOT}/packages/protocol/src`;
const TYPES = readdirSync(PROTOCOL)
  .map((file) => readFileSync(`${PROTOCOL}/${file}`, 'utf8'))
  .join('\n');

/** Sent by the WebSocket layer itself: not codes of ours, but a client meets them. */
const STANDARD_CLOSE_CODES = [1000, 1002, 1007, 1008, 1011];

/** Rows of the table under a heading: the cells, without the back-quotes of the first. */
function tableUnder(heading: string): string[][] {
  const [, section = ''] = DOC.split(`\n${heading}\n`);
  const body = section.split(/\n#{2,3} /, 1)[0] ?? '';
  return [...body.matchAll(/^\| `([^`]+)` *\|(.*)\|$/gm)].map(([, name = '', rest = '']) => [
    name,
    ...rest.split('|').map((cell) => cell.trim()),
  ]);
}

const namesUnder = (heading: string): string[] =>
  tableUnder(heading)
    .map(([name = '']) => name)
    .sort();

/** Members of the interfaces of that name, whatever room they begin with: types leave no trace at run time. */
function membersOf(name: 'Commands' | 'Events'): string[] {
  const interfaces = new RegExp(
    `export interface (?!Durable)\\w*${name}\\s+(?:extends[^{]*)?\\{\\n([\\s\\S]*?)\\n\\}`,
    'g',
  );
  const bodies = [...TYPES.matchAll(interfaces)].map(([, body = '']) => body).join('\n');
  return [...bodies.matchAll(/^ {2}'?([a-zA-Z.]+)'?:/gm)].map(([, member = '']) => member).sort();
}

/** The compiler says when a name is missing here or no longer exists, so that the reading above is not taken on trust. */
const COMMANDS: Record<CommandName, true> = {
  auth: true,
  ping: true,
  'chat.send': true,
  'chat.delivered': true,
  'chat.read': true,
  'chat.history': true,
  'chat.sync': true,
  'chat.unread': true,
  'chat.mentions': true,
  'chat.settings': true,
  'chat.readers': true,
  'search.messages': true,
  'chat.typing': true,
  'chat.broadcast': true,
  'call.offer': true,
  'call.answer': true,
  'call.candidate': true,
  'call.ringing': true,
  'call.reject': true,
  'call.hangup': true,
  'call.resume': true,
  'call.signal': true,
  'contact.request': true,
  'contact.accept': true,
  'contact.decline': true,
  'contact.remove': true,
  'contact.remark': true,
  'contact.block': true,
  'contact.unblock': true,
  'contact.list': true,
  'group.create': true,
  'group.get': true,
  'group.update': true,
  'group.join': true,
  'group.leave': true,
  'group.invite': true,
  'group.accept': true,
  'group.decline': true,
  'group.request': true,
  'group.approve': true,
  'group.reject': true,
  'group.add': true,
  'group.remove': true,
  'group.ban': true,
  'group.unban': true,
  'group.role': true,
  'group.transfer': true,
  'group.mute': true,
  'group.unmute': true,
  'group.dissolve': true,
  'group.members': true,
  'group.list': true,
  'chat.edit': true,
  'chat.recall': true,
  'chat.react': true,
  'chat.pin': true,
  'chat.pins': true,
  'chat.hide': true,
  'chat.forward': true,
  'notification.send': true,
  'notification.broadcast': true,
  'notification.schedule': true,
  'notification.cancel': true,
  'notification.list': true,
  'notification.unread': true,
  'notification.read': true,
  'notification.readAll': true,
  'notification.delete': true,
  'notification.locale': true,
  'presence.set': true,
  'presence.get': true,
  'presence.subscribe': true,
  'presence.unsubscribe': true,
  'presence.watch': true,
  'presence.unwatch': true,
  'presence.privacy': true,
  'push.register': true,
  'push.unregister': true,
  'push.list': true,
};
const EVENTS: Record<EventName, true> = {
  hello: true,
  'chat.message': true,
  'chat.receipt': true,
  'chat.settings': true,
  'chat.typing': true,
  'chat.broadcast': true,
  'chat.synced': true,
  'call.incoming': true,
  'call.ringing': true,
  'call.answered': true,
  'call.taken': true,
  'call.candidate': true,
  'call.ended': true,
  'call.signal': true,
  'chat.call': true,
  'contact.changed': true,
  'group.changed': true,
  'group.invited': true,
  'chat.edited': true,
  'chat.recalled': true,
  'chat.reaction': true,
  'chat.pinned': true,
  'chat.hidden': true,
  'notification.message': true,
  'notification.changed': true,
  'notification.withdrawn': true,
  'presence.snapshot': true,
  'presence.changed': true,
  'presence.group': true,
  'auth.expiring': true,
  goaway: true,
};

describe('docs/protocol.md', () => {
  it('lists the commands of the protocol and no other', () => {
    expect(membersOf('Commands')).toEqual(Object.keys(COMMANDS).sort());
    expect(namesUnder('### Commands')).toEqual(Object.keys(COMMANDS).sort());
  });

  it('lists the events of the protocol and no other', () => {
    expect(membersOf('Events')).toEqual(Object.keys(EVENTS).sort());
    expect(namesUnder('### Events')).toEqual(Object.keys(EVENTS).sort());
  });

  it('lists the error codes and no other', () => {
    expect(namesUnder('## Errors')).toEqual(Object.values(ErrorCode).sort());
  });

  it('says of each error whether a retry can help, as the server does', () => {
    const said = tableUnder('## Errors').map(([code, , retryable]) => [code, retryable === 'yes']);
    const meant = Object.entries(ERROR_TABLE).map(([code, { retryable }]) => [code, retryable]);
    expect(said).toEqual(expect.arrayContaining(meant));
  });

  it('lists the close codes, ours and those of the WebSocket layer, and no other', () => {
    const codes = [...new Set([...Object.values(CloseCode), ...STANDARD_CLOSE_CODES])].sort((a, b) => a - b);
    expect(namesUnder('## Close codes').map(Number)).toEqual(codes);
  });

  it('says of each close code what shouldReconnect says', () => {
    const wrong = tableUnder('## Close codes').filter(
      ([code, , comeBack]) => (comeBack === 'yes') !== shouldReconnect(Number(code)),
    );
    expect(wrong).toEqual([]);
  });
});
