import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BROADCAST_CONVERSATION,
  type ConversationAddress,
  directConversation,
  inboxConversation,
  isUserId,
  MAX_CONVERSATION_ID_LENGTH,
  parseConversationId,
} from './conversation-id.js';

const userId = fc
  .oneof(fc.string({ minLength: 1, unit: 'grapheme' }), fc.stringMatching(/^[a%:3A25 ]{1,40}$/))
  .filter(isUserId);

function made(address: ConversationAddress): string | undefined {
  if (address.kind === 'direct') return directConversation(...address.members);
  return address.kind === 'inbox' ? inboxConversation(...address.members) : undefined;
}

describe('conversation ids', () => {
  it('give a direct conversation back, whoever asks first', () => {
    fc.assert(
      fc.property(userId, userId, (a, b) => {
        const id = directConversation(a, b);
        expect(directConversation(b, a)).toBe(id);
        expect(id.length).toBeLessThanOrEqual(MAX_CONVERSATION_ID_LENGTH);
        const members = [a, b].sort((x, y) => (x < y ? -1 : 1));
        expect(parseConversationId(id)).toEqual({ kind: 'direct', members });
      }),
    );
  });

  it('give an inbox back', () => {
    fc.assert(
      fc.property(userId, (user) => {
        expect(parseConversationId(inboxConversation(user))).toEqual({ kind: 'inbox', members: [user] });
      }),
    );
  });

  it('are different for different pairs', () => {
    fc.assert(
      fc.property(userId, userId, userId, userId, (a, b, c, d) => {
        const samePair = (a === c && b === d) || (a === d && b === c);
        expect(directConversation(a, b) === directConversation(c, d)).toBe(samePair);
      }),
    );
  });

  it('keep a colon and a percent sign of a user id apart from their own', () => {
    expect(directConversation('a:b', 'c%3A')).toBe('dm:a%3Ab:c%253A');
    expect(inboxConversation('%25')).toBe('inbox:%2525');
  });

  it.each([
    'dm:b:a',
    'dm:a',
    'dm:a:b:c',
    'dm::b',
    'dm:a:',
    'dm:a%3ab:c',
    'dm:%61:b',
    'dm: a:b',
    'dm:a :b',
    'dm:a\u200bb:c',
    'inbox:',
    'inbox:a:b',
    'inbox:%41%',
    'broadcast:other',
    'other:x',
    ':',
    '',
    'x'.repeat(MAX_CONVERSATION_ID_LENGTH + 1),
  ])('refuse %j', (id) => {
    expect(parseConversationId(id)).toBeUndefined();
  });

  it('never read anything back that they would not make', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^(dm|inbox|broadcast|x):[a%:3A25 ]{0,12}$/), (id) => {
        const address = parseConversationId(id);
        expect(address === undefined || made(address) === id).toBe(true);
      }),
    );
  });

  it('take the rest for a group', () => {
    expect(parseConversationId('G1')).toEqual({ kind: 'group' });
    expect(parseConversationId(BROADCAST_CONVERSATION)).toEqual({ kind: 'broadcast' });
  });
});
