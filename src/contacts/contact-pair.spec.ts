import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ContactAction } from '@rookery/protocol';
import { AppError } from '../common/index.js';
import { acted, areContactsIn, hasBlocked, isBlockedIn, statusOf, type Pair } from './contact-pair.js';

type Step = [actor: 'a' | 'b', action: ContactAction];

/** What is refused leaves everything as it was. */
function after(...steps: Step[]): Pair {
  let pair: Pair = {};
  for (const [actor, action] of steps) {
    const verdict = acted(pair, action, actor);
    if (verdict && !(verdict instanceof AppError)) pair = verdict;
  }
  return pair;
}

const refusal = (pair: Pair, actor: string, action: ContactAction): string | undefined => {
  const verdict = acted(pair, action, actor);
  return verdict instanceof AppError ? verdict.code : undefined;
};

describe('two users', () => {
  it.each<[string, Step[], Pair]>([
    [
      'ask and accept',
      [
        ['a', 'request'],
        ['b', 'accept'],
      ],
      { contacts: true },
    ],
    [
      'both ask',
      [
        ['a', 'request'],
        ['b', 'request'],
      ],
      { contacts: true },
    ],
    [
      'ask and decline',
      [
        ['a', 'request'],
        ['b', 'decline'],
      ],
      {},
    ],
    [
      'ask and take it back',
      [
        ['a', 'request'],
        ['a', 'remove'],
      ],
      {},
    ],
    [
      'cannot accept their own request',
      [
        ['a', 'request'],
        ['a', 'accept'],
      ],
      { requester: 'a' },
    ],
    [
      'cannot decline their own request',
      [
        ['a', 'request'],
        ['a', 'decline'],
      ],
      { requester: 'a' },
    ],
    [
      'end it',
      [
        ['a', 'link'],
        ['b', 'remove'],
      ],
      {},
    ],
    [
      'cannot decline a contact',
      [
        ['a', 'link'],
        ['b', 'decline'],
      ],
      { contacts: true },
    ],
    [
      'block, which ends a request',
      [
        ['a', 'request'],
        ['b', 'block'],
      ],
      { blockers: ['b'] },
    ],
    [
      'block a contact, who stays one',
      [
        ['a', 'link'],
        ['b', 'block'],
      ],
      { contacts: true, blockers: ['b'] },
    ],
    [
      'block one another',
      [
        ['a', 'block'],
        ['b', 'block'],
        ['a', 'unblock'],
      ],
      { blockers: ['b'] },
    ],
    [
      'unblock',
      [
        ['a', 'block'],
        ['a', 'unblock'],
      ],
      {},
    ],
    [
      'cannot lift the block of the other',
      [
        ['a', 'block'],
        ['b', 'unblock'],
      ],
      { blockers: ['a'] },
    ],
    [
      'cannot ask over a block',
      [
        ['a', 'block'],
        ['b', 'request'],
        ['a', 'request'],
      ],
      { blockers: ['a'] },
    ],
    [
      'end a suspended contact',
      [
        ['a', 'link'],
        ['b', 'block'],
        ['a', 'remove'],
      ],
      { blockers: ['b'] },
    ],
  ])('%s', (_name, steps, pair) => expect(after(...steps)).toEqual(pair));

  it('are told why not', () => {
    expect(refusal({}, 'a', 'accept')).toBe('not_found');
    expect(refusal({ contacts: true }, 'a', 'decline')).toBe('not_found');
    expect(refusal({ blockers: ['b'] }, 'a', 'request')).toBe('refused');
    expect(refusal({ blockers: ['b'] }, 'a', 'accept')).toBe('refused');
  });

  it('whatever they do, in whatever order', () => {
    const action = fc.constantFrom<ContactAction>(
      ...(['request', 'accept', 'decline', 'remove', 'link', 'block', 'unblock'] as const),
    );
    const steps = fc.array(fc.tuple(fc.constantFrom('a' as const, 'b' as const), action), { maxLength: 12 });
    fc.assert(
      fc.property(steps, fc.constantFrom('a' as const, 'b' as const), action, (before, actor, last) => {
        const pair = after(...before);
        // Both see the same thing from either side.
        const seen = [statusOf(pair, 'a'), statusOf(pair, 'b')].sort().join();
        expect(['contact,contact', 'none,none', 'incoming,outgoing']).toContain(seen);
        // No request stands beside a contact or a block.
        expect(pair.requester !== undefined && (pair.contacts || pair.blockers)).toBeFalsy();
        // Nobody blocks but by himself.
        const theOther = actor === 'a' ? 'b' : 'a';
        const [next, again] = [
          after(...before, [actor, last]),
          after(...before, [actor, last], [actor, last]),
        ];
        expect(hasBlocked(next, theOther)).toBe(hasBlocked(pair, theOther));
        // A repetition changes nothing.
        expect(again).toEqual(next);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('a stored state', () => {
  const stored = (pair: Pair, more: object = {}) => JSON.stringify({ ...more, contact: pair });

  it('says who is blocked', () => {
    expect(isBlockedIn(stored({ blockers: ['b'] }), 'a')).toBe(true);
    expect(isBlockedIn(stored({ blockers: ['b'] }), 'b')).toBe(false);
    expect(isBlockedIn(stored({ blockers: ['a', 'b'] }), 'b')).toBe(true);
    expect(isBlockedIn(stored({ contacts: true }), 'a')).toBe(false);
    expect(isBlockedIn(null, 'a')).toBe(false);
    expect(isBlockedIn(stored({}, { pins: ['"blockers":["b"]'] }), 'a')).toBe(false);
  });

  it('says who are contacts', () => {
    expect(areContactsIn(stored({ contacts: true }))).toBe(true);
    expect(areContactsIn(stored({ requester: 'a' }))).toBe(false);
    expect(areContactsIn(undefined)).toBe(false);
  });
});
