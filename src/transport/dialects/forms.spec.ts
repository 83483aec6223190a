import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '@rookery/protocol';
import { AppError } from '../../common/index.js';
import { clientIdOf, givenId } from './client-id.js';
import { draftOf, numberedOf } from './content-form.js';
import { fromWireId, toWireId } from './decimal-id.js';
import { createdAt } from './kama.js';
import { RecentIds } from './recent-ids.js';
import { SentMessages } from './sent-messages.js';

describe('ids on the wire', () => {
  it.each([
    ['0', 0],
    ['42', 42],
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', '9007199254740992'],
    ['007', '007'],
    ['-1', '-1'],
    ['1.0', '1.0'],
    ['alice', 'alice'],
  ])('%s is %j, and comes back as it was', (id, wire) => {
    expect(toWireId(id)).toBe(wire);
    expect(fromWireId(wire, 'id')).toBe(id);
  });

  it.each([9007199254740992, 1.5, -1])('the number %d is refused', (number) => {
    expect(() => fromWireId(number, 'id')).toThrow(AppError);
  });
});

describe('client ids', () => {
  it.each(['m1', '17', 'a'.repeat(64)])('%s stays as it is', (id) => {
    expect(clientIdOf(id, 'id')).toEqual({ clientId: id, plain: true });
  });

  it.each(['ü', 'two words', '~x', 'a'.repeat(65)])('%s is another one, always the same', (id) => {
    const made = clientIdOf(id, 'id');
    expect(made).toEqual(clientIdOf(id, 'id'));
    expect(made).toEqual({ clientId: expect.stringMatching(/^~[\w-]{43}$/), plain: false });
  });

  it('are made where there is none', () => {
    expect(clientIdOf(undefined, 'id').clientId).not.toBe(clientIdOf(undefined, 'id').clientId);
  });

  it.each([{}, [], true, 2 ** 53, 'x'.repeat(129)])('%j is none', (id) => {
    expect(() => clientIdOf(id, 'id')).toThrow(AppError);
  });

  it.each([{}, '', undefined, null, 'x'.repeat(129)])('%j is nothing to say again', (id) => {
    expect(givenId(id)).toBeUndefined();
  });
});

describe('numbered contents', () => {
  it.each([
    [1, 'x', { kind: 'text', content: 'x' }],
    [2, '/a', { kind: 'image', content: { url: '/a' } }],
    [3, 'https://e.org/a', { kind: 'file', content: { url: 'https://e.org/a' } }],
    [4, '/a', { kind: 'voice', content: { url: '/a' } }],
    [3, '//evil.example', { kind: 'custom', content: '//evil.example', meta: { n: 3 } }],
    [9, 'x', { kind: 'custom', content: 'x', meta: { n: 9 } }],
  ])('%d %s has a native form, and comes back as it was', (number, content, draft) => {
    expect(draftOf(number, content, 'n')).toEqual(draft);
    expect(numberedOf(draft as ChatMessage, 'n')).toEqual({ number, content });
  });

  it.each([[0], [1.5], ['1'], [undefined], [1000]])('%j is no number of a content', (number) => {
    expect(() => draftOf(number, 'x', 'n')).toThrow(AppError);
  });

  it('what was recalled, or is custom without a number, has no form', () => {
    expect(numberedOf({ kind: 'text', content: null, recalled: true } as ChatMessage, 'n')).toBeUndefined();
    expect(numberedOf({ kind: 'custom', content: 'x' } as ChatMessage, 'n')).toBeUndefined();
  });
});

it('times of kama are in UTC', () => {
  expect(createdAt(Date.UTC(2026, 0, 2, 3, 4, 5, 678))).toBe('2026-01-02 03:04:05');
});

describe('receipts of one by one', () => {
  it('are told once for each message', () => {
    const sent = new SentMessages();
    for (const seq of [1, 3, 4]) sent.add('c', seq, `m${seq}`);
    expect(sent.take('c', 'delivered', 3)).toEqual(['m1', 'm3']);
    expect(sent.take('c', 'delivered', 4)).toEqual(['m4']);
    expect(sent.take('c', 'read', 3)).toEqual(['m1', 'm3']);
    expect(sent.take('c', 'read', 3)).toEqual([]);
    expect(sent.take('c', 'delivered', 4)).toEqual([]);
    expect(sent.take('c', 'read', 4)).toEqual(['m4']);
  });

  it('are in the order of the places, and of one conversation', () => {
    const sent = new SentMessages();
    sent.add('c', 4, 'm4');
    sent.add('other', 1, 'o1');
    for (const seq of [2, 3, 2, 4]) sent.add('c', seq, `m${seq}`);
    expect(sent.take('c', 'read', 9)).toEqual(['m2', 'm3', 'm4']);
    expect(sent.take('other', 'delivered', 9)).toEqual(['o1']);
  });

  it('ask for what was sent before the connection, and not for what is known', () => {
    const sent = new SentMessages();
    sent.begin('c', { delivered: 2, read: 1 });
    expect(sent.unknownBelow('c', 'delivered', 5)).toBe(2);
    sent.take('c', 'delivered', 5);
    sent.add('c', 6, 'm6');
    expect(sent.unknownBelow('c', 'delivered', 6)).toBeUndefined();
    expect(sent.unknownBelow('other', 'delivered', 6)).toBeUndefined();
  });

  it('are bounded', () => {
    const sent = new SentMessages();
    for (let n = 0; n < 2000; n++) sent.add(`c${n % 3}`, n + 1, n);
    expect(sent.size).toBe(512);
    const told = ['c0', 'c1', 'c2'].flatMap((conversation) => sent.take(conversation, 'delivered', 2000));
    expect(told.toSorted()).toEqual(Array.from({ length: 512 }, (_, index) => 1488 + index));
  });

  it('are bounded however many conversations there are', () => {
    const sent = new SentMessages();
    sent.begin('first', { delivered: 1, read: 1 });
    for (let n = 0; n < 512; n++) {
      expect(sent.unknownBelow('first', 'read', 3)).toBe(1);
      sent.add(`c${n}`, 1, n);
      sent.take(`c${n}`, 'read', 1);
    }
    expect(sent.unknownBelow('first', 'read', 3)).toBeUndefined();
  });
});

describe('ids of others', () => {
  it('are found by conversation, and of two messages with one id the later', () => {
    const recent = new RecentIds();
    recent.add('c', 'm', 1);
    recent.add('c', 'm', 3);
    recent.add('other', 'm', 7);
    expect(recent.find('c', ['m', 'x', 'm'])).toEqual([3, undefined, 3]);
    expect(recent.find('other', ['m'])).toEqual([7]);
  });

  it('are bounded, the oldest forgotten first', () => {
    const recent = new RecentIds();
    for (let n = 1; n <= 2000; n++) recent.add('c', `m${n}`, n);
    expect(recent.size).toBe(512);
    expect(recent.find('c', ['m1488', 'm1489', 'm2000'])).toEqual([undefined, 1489, 2000]);
  });
});
