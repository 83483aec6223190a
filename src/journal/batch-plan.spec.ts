import { describe, expect, it } from 'vitest';
import { AppError } from '../common/app-error.js';
import { type BatchFacts, entryKey, memberKey } from './batch-facts.js';
import { BatchPlan } from './batch-plan.js';
import { BROADCAST_CONVERSATION, directConversation } from './conversation-id.js';
import type { JournalOperation } from './journal-store.js';
import type { AppendRequest, AppendResult, MarkRequest } from './journal.types.js';

const NOW = 1_700_000_000_000;
const ID = directConversation('alice', 'bob');

const noFacts = (): BatchFacts => ({
  conversations: new Map(),
  entries: new Map(),
  targets: new Map(),
  members: new Map(),
  answers: new Map(),
  broadcastStart: 4,
});

const append = (change: Partial<AppendRequest> = {}): JournalOperation => ({
  op: 'append',
  request: {
    conversation: ID,
    type: 'message',
    sender: 'alice',
    clientId: 'a',
    body: 'hi',
    create: { kind: 'direct', members: ['alice', 'bob'] },
    ...change,
  },
});
const mark = (change: Partial<MarkRequest>): JournalOperation => ({
  op: 'mark',
  request: { conversation: ID, user: 'bob', ...change },
});
const enrol = (user: string): JournalOperation => ({ op: 'enrol', user });

const decide = (operations: JournalOperation[], facts = noFacts()) =>
  new BatchPlan(operations).decide(facts, NOW);
const codes = (outcomes: unknown[]) => outcomes.map((o) => (o instanceof AppError ? o.code : 'ok'));

describe('what a batch needs to know', () => {
  it('asks for each thing once, in the order of the locks', () => {
    const { needs } = new BatchPlan([
      append({ conversation: 'z', create: undefined }),
      append(),
      append(),
      append({ clientId: 'b' }),
      mark({ read: 1 }),
      mark({ conversation: 'other', read: 1 }),
    ]);
    expect(needs.appended).toEqual([ID, 'z']);
    expect(needs.creatable).toEqual([{ id: ID, kind: 'direct' }]);
    expect(needs.marked).toEqual(['other']);
    expect(needs.entries.map(entryKey)).toHaveLength(3);
    expect(needs.members).toEqual([{ user: 'alice', conversation: 'z' }]);
    expect(needs.movable.map(memberKey)).toEqual([
      memberKey({ user: 'bob', conversation: ID }),
      memberKey({ user: 'bob', conversation: 'other' }),
    ]);
    expect(needs.enrols).toBe(false);
  });

  it('asks nothing for what is refused at sight', () => {
    const { needs } = new BatchPlan([append({ clientId: '' }), mark({ read: -1 }), enrol('')]);
    expect(needs).toEqual(new BatchPlan([]).needs);
  });

  it('looks a group member up even when he is named in `create`', () => {
    const create = { kind: 'group' as const, members: ['alice'] };
    expect(new BatchPlan([append({ conversation: 'team', create })]).needs.members).toHaveLength(1);
    expect(new BatchPlan([append()]).needs.members).toEqual([]);
  });
});

describe('what becomes of a batch', () => {
  it('makes the conversation, its members and its entries', () => {
    const { outcomes, changes } = decide([append(), append({ clientId: 'b', sender: 'bob' })]);
    expect(outcomes.map((o) => (o as AppendResult).entry.seq)).toEqual([1, 2]);
    expect(changes.conversations).toEqual([{ id: ID, kind: 'direct', head: 2 }]);
    expect(changes.members).toEqual([
      { user: 'alice', conversation: ID, joined: 0 },
      { user: 'bob', conversation: ID, joined: 0 },
    ]);
    expect(changes.bodies).toEqual(['"hi"', '"hi"']);
  });

  it('goes on from the head it found', () => {
    const facts = noFacts();
    facts.conversations.set(ID, { kind: 'direct', head: 41 });
    const { outcomes, changes } = decide([append()], facts);
    expect(outcomes).toMatchObject([{ entry: { seq: 42, time: NOW }, duplicate: false }]);
    expect(changes.members).toEqual([]);
  });

  it('moves no head for a duplicate, a conflict or a refusal', () => {
    const facts = noFacts();
    const first = decide([append()]).outcomes[0] as AppendResult;
    facts.conversations.set(ID, { kind: 'direct', head: 1 });
    facts.entries.set(entryKey(first.entry), first.entry);
    const stranger = append({ sender: 'mallory', create: undefined });
    const { outcomes, changes } = decide([append(), append({ body: 'other' }), stranger], facts);
    expect(codes(outcomes)).toEqual(['ok', 'conflict', 'not_found']);
    expect(changes).toEqual(decide([]).changes);
  });

  it('takes a body for the same when JSON makes it the same', () => {
    const first = append({ body: { a: 1, b: undefined, at: new Date(0) } });
    const again = append({ body: { at: '1970-01-01T00:00:00.000Z', a: 1 } });
    expect(codes(decide([first, again]).outcomes)).toEqual(['ok', 'ok']);
  });

  it('keeps only the furthest cursor of several marks', () => {
    const operations = [
      append(),
      append({ clientId: 'b' }),
      mark({ read: 2, device: 'p' }),
      mark({ delivered: 1, device: 'p' }),
    ];
    const { outcomes, changes } = decide(operations);
    expect(outcomes[3]).toEqual({ delivered: 2, read: 2, deliveredMoved: false, readMoved: false });
    expect(changes.cursors).toMatchObject([{ user: 'bob', delivered: 2, read: 2 }]);
    expect(changes.devices).toMatchObject([{ device: 'p', delivered: 2 }]);
  });

  it('enrols a user once, from the start of the window', () => {
    const { changes } = decide([enrol('carol'), enrol('carol')]);
    expect(changes.members).toEqual([{ user: 'carol', conversation: BROADCAST_CONVERSATION, joined: 4 }]);
  });

  it('can be decided again, from new facts', () => {
    const plan = new BatchPlan([append()]);
    plan.decide(noFacts(), NOW);
    const facts = noFacts();
    facts.conversations.set(ID, { kind: 'direct', head: 7 });
    expect(plan.decide(facts, NOW).outcomes).toMatchObject([{ entry: { seq: 8 } }]);
  });
});
