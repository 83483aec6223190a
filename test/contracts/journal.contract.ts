import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AppError } from '../../src/common/app-error.js';
import {
  type AppendRequest,
  type AppendResult,
  type AppendRule,
  BROADCAST_CONVERSATION,
  BROADCAST_WINDOW_DAYS,
  type ChangeRequest,
  type ChangeResult,
  directConversation,
  type Effects,
  type Entry,
  inboxConversation,
  type JournalOperation,
  type JournalStore,
  type MarkResult,
  type ReadRange,
  type RelationChange,
  type RowStatement,
  SYSTEM_SENDER,
} from '../../src/journal/index.js';

/** A store of its own for one test, and the ways to its database that the port does not have. */
export interface JournalHarness {
  store: JournalStore;
  /** Runs SQL as another process would: committed at once. */
  execute(sql: string, values: unknown[]): Promise<void>;
  dispose(): Promise<void>;
}

const ALICE_BOB = directConversation('alice', 'bob');

/** A chat message between the members of a direct conversation. */
export function direct(
  from: string,
  to: string,
  clientId: string,
  body: unknown = { text: clientId },
): AppendRequest {
  const conversation = directConversation(from, to);
  return {
    conversation,
    type: 'message',
    sender: from,
    clientId,
    body,
    create: { kind: 'direct', members: [from, to] },
  };
}

export const append = (request: AppendRequest): JournalOperation => ({ op: 'append', request });

const codeOf = (outcome: unknown): string | undefined =>
  outcome instanceof AppError ? outcome.code : undefined;

/** Every duty in the comment of the port, over whichever driver the factory makes; undefined: it cannot run here. */
export function journalContract(name: string, make: (() => Promise<JournalHarness>) | undefined): void {
  describe.skipIf(!make)(`JournalStore on ${name}`, () => {
    let harness: JournalHarness;
    let store: JournalStore;

    beforeEach(async () => {
      harness = await make!();
      store = harness.store;
    });
    afterEach(() => harness.dispose());

    async function one<T = AppendResult>(operation: JournalOperation): Promise<T> {
      const [outcome] = await store.commit([operation]);
      if (outcome instanceof Error) throw outcome;
      return outcome as T;
    }

    const mark = (request: Partial<Extract<JournalOperation, { op: 'mark' }>['request']>) =>
      one<MarkResult>({ op: 'mark', request: { conversation: ALICE_BOB, user: 'bob', ...request } });

    async function fill(count: number, from = 'alice', to = 'bob', prefix = 'm'): Promise<void> {
      const operations = Array.from({ length: count }, (_, i) =>
        append(direct(from, to, `${prefix}${i + 1}`)),
      );
      await store.commit(operations);
    }

    /** An entry of the broadcast, stored some days ago. */
    async function broadcast(clientId: string, daysAgo: number): Promise<void> {
      const { entry } = await one(append({ ...systemEntry(clientId), conversation: BROADCAST_CONVERSATION }));
      const time = Date.now() - daysAgo * 86_400_000;
      const sql = 'UPDATE entries SET created_at = ? WHERE conversation_id = ? AND seq = ?';
      await harness.execute(sql, [time, BROADCAST_CONVERSATION, entry.seq]);
    }

    describe('append', () => {
      it('gives out gapless sequence numbers from 1, per conversation', async () => {
        const outcomes = await store.commit([
          append(direct('alice', 'bob', 'a')),
          append(direct('bob', 'alice', 'b')),
          append(direct('alice', 'carol', 'c')),
          append(direct('alice', 'bob', 'd')),
        ]);
        expect(outcomes.map((outcome) => (outcome as AppendResult).entry.seq)).toEqual([1, 2, 1, 3]);
        expect((await one(append(direct('alice', 'bob', 'e')))).entry.seq).toBe(4);
      });

      it('stores what it answers', async () => {
        const { entry, duplicate } = await one(append(direct('alice', 'bob', 'a')));
        expect(duplicate).toBe(false);
        expect(entry).toMatchObject({
          conversation: ALICE_BOB,
          seq: 1,
          type: 'message',
          sender: 'alice',
          clientId: 'a',
        });
        expect(Math.abs(entry.time - Date.now())).toBeLessThan(60_000);
        expect(await store.read(ALICE_BOB, { limit: 10 })).toEqual([entry]);
      });

      it.each([
        ['an emoji', '👩‍👩‍👧 𝕏'],
        ['quotes and backslashes', `'"\\'; DROP TABLE entries; -- ?`],
        ['a NUL', 'a\0b'],
        ['a lone surrogate', 'a\ud800b'],
        ['null', null],
        ['a number', 0.1],
        ['false', false],
        ['nested', { a: [1, { b: null }], '': '', ключ: 'значение' }],
        ['a proto key', JSON.parse('{"__proto__": {"x": 1}}')],
        ['a long text', 'ü'.repeat(100_000)],
      ])('gives the body back as it went in: %s', async (_, body) => {
        await one(append(direct('alice', 'bob', 'a', body)));
        const [entry] = await store.read(ALICE_BOB, { limit: 1 });
        expect(entry?.body).toEqual(body);
      });

      it('answers a repeated client id with the stored entry', async () => {
        const first = await one(append(direct('alice', 'bob', 'a', { x: 1, y: 2 })));
        const again = await one(append(direct('alice', 'bob', 'a', { y: 2, x: 1 })));
        expect(again).toEqual({ entry: first.entry, duplicate: true });
        expect(await store.read(ALICE_BOB, { limit: 10 })).toHaveLength(1);
      });

      it('answers a repetition within one batch alike', async () => {
        const request = direct('alice', 'bob', 'a', { x: 1 });
        const outcomes = await store.commit([
          append(request),
          append({ ...request }),
          append({ ...request, body: 'other' }),
          append(direct('alice', 'bob', 'b')),
        ]);
        const [first, again, conflict, next] = outcomes as AppendResult[];
        expect(again).toEqual({ entry: first?.entry, duplicate: true });
        expect(codeOf(conflict)).toBe('conflict');
        expect(next?.entry.seq).toBe(2);
      });

      it('refuses a client id with other content or another type, and takes no sequence number for it', async () => {
        await one(append(direct('alice', 'bob', 'a')));
        const other = { ...direct('alice', 'bob', 'a'), type: 'edit' };
        const outcomes = await store.commit([append(direct('alice', 'bob', 'a', 'other')), append(other)]);
        expect(outcomes.map(codeOf)).toEqual(['conflict', 'conflict']);
        expect((await one(append(direct('alice', 'bob', 'b')))).entry.seq).toBe(2);
      });

      it('finds what is stored, and changes nothing', async () => {
        const request = direct('alice', 'bob', 'a');
        const find = (clientId: string) => ({ op: 'find' as const, request: { ...request, clientId } });
        expect(await store.commit([find('a')])).toEqual([undefined]);
        const [stored] = await store.commit([append(request)]);
        const { entry } = stored as AppendResult;
        expect(await store.commit([find('a'), find('b')])).toEqual([{ entry, duplicate: true }, undefined]);
        expect(await store.read(request.conversation, { limit: 10 })).toEqual([entry]);
      });

      it('keeps client ids apart by sender, conversation and letter case', async () => {
        const outcomes = await store.commit([
          append(direct('alice', 'bob', 'a', 1)),
          append(direct('bob', 'alice', 'a', 2)),
          append(direct('alice', 'carol', 'a', 3)),
          append(direct('alice', 'bob', 'A', 4)),
          append(direct('alice', 'bob', 'ä', 5)),
        ]);
        expect(outcomes.map((outcome) => (outcome as AppendResult).duplicate)).toEqual(Array(5).fill(false));
      });

      it('answers not_found without a conversation, without membership, and to whoever would make it for others', async () => {
        await fill(1);
        const stranger = { ...direct('alice', 'bob', 'x'), sender: 'mallory' };
        const outcomes = await store.commit([
          append({ ...direct('alice', 'dave', 'x'), create: undefined }),
          append({ ...stranger, create: undefined }),
          append(stranger),
          append({ ...stranger, conversation: directConversation('alice', 'dave') }),
        ]);
        expect(outcomes.map(codeOf)).toEqual(Array(4).fill('not_found'));
        expect(await store.membership('alice', directConversation('alice', 'dave'))).toBeUndefined();
      });

      it('lets a member write without `create`', async () => {
        await fill(1);
        const { entry } = await one(append({ ...direct('bob', 'alice', 'x'), create: undefined }));
        expect(entry.seq).toBe(2);
      });

      it('no longer lets a member write who has left, but still answers his repetitions', async () => {
        const group = { ...direct('alice', 'bob', 'g1'), conversation: 'team', create: undefined };
        const create = { kind: 'group' as const, members: ['alice', 'bob'] };
        await one(append({ ...group, create }));
        await harness.execute('UPDATE members SET left_seq = 1 WHERE user_id = ? AND conversation_id = ?', [
          'alice',
          'team',
        ]);
        const later = { ...group, clientId: 'g2' };
        const outcomes = await store.commit([append(later), append({ ...later, create }), append(group)]);
        expect(outcomes.map(codeOf)).toEqual(['not_found', 'not_found', undefined]);
        expect(await store.groupsOf('alice')).toEqual([]);
      });

      it('lets the system write where it is no member', async () => {
        const conversation = inboxConversation('alice');
        const create = { kind: 'inbox' as const, members: ['alice'] };
        const { entry } = await one(append({ ...systemEntry('n1'), conversation, create }));
        expect(entry).toMatchObject({ seq: 1, sender: SYSTEM_SENDER });
        expect(await store.membership('alice', conversation)).toMatchObject({ kind: 'inbox', head: 1 });
      });

      it.each<[string, Partial<AppendRequest>]>([
        ['an empty client id', { clientId: '' }],
        ['a long client id', { clientId: 'x'.repeat(65) }],
        ['a client id with a NUL', { clientId: 'a\0' }],
        ['a client id with a lone surrogate', { clientId: '\ud800' }],
        ['a client id that ends in a space', { clientId: 'a ' }],
        ['a long type', { type: 'x'.repeat(33) }],
        ['a long conversation', { conversation: 'x'.repeat(256) }],
        ['no body', { body: undefined }],
        ['a body with a cycle', { body: cycle() }],
        ['a member who cannot be one', { create: { kind: 'direct', members: ['alice', ' '] } }],
      ])('refuses %s alone', async (_, change) => {
        const outcomes = await store.commit([
          append(direct('alice', 'bob', 'before')),
          append({ ...direct('alice', 'bob', 'x'), ...change }),
          append(direct('alice', 'bob', 'after')),
        ]);
        expect(outcomes.map(codeOf)).toEqual([undefined, 'invalid', undefined]);
        expect((outcomes[2] as AppendResult).entry.seq).toBe(2);
      });

      it('loses no number and no entry when several stores write to the same conversations', async () => {
        const writers = ['alice', 'bob'].map((from, _, all) => {
          const to = all.find((user) => user !== from) ?? '';
          return Array.from({ length: 20 }, (_, i) =>
            store.commit([append(direct(from, to, `${from}${i}`))]),
          );
        });
        const results = (await Promise.all(writers.flat())).flat() as AppendResult[];
        const seqs = results.map(({ entry }) => entry.seq).sort((a, b) => a - b);
        expect(seqs).toEqual(Array.from({ length: 40 }, (_, i) => i + 1));
        const stored = await store.read(ALICE_BOB, { after: 0, limit: 100 });
        expect(stored.map(({ seq }) => seq)).toEqual(seqs);
      });
    });

    describe('mark', () => {
      it('moves forward, never back, and says what moved', async () => {
        await fill(5);
        const none = { deliveredMoved: false, readMoved: false };
        expect(await mark({ delivered: 3 })).toEqual({
          delivered: 3,
          read: 0,
          deliveredMoved: true,
          readMoved: false,
        });
        expect(await mark({ delivered: 2 })).toEqual({ delivered: 3, read: 0, ...none });
        expect(await mark({ read: 4 })).toEqual({
          delivered: 4,
          read: 4,
          deliveredMoved: true,
          readMoved: true,
        });
        expect(await mark({ read: 1, delivered: 4 })).toEqual({ delivered: 4, read: 4, ...none });
        expect(await store.membership('bob', ALICE_BOB)).toMatchObject({ delivered: 4, read: 4, head: 5 });
        expect(await store.membership('alice', ALICE_BOB)).toMatchObject({ delivered: 0, read: 0 });
      });

      it('refuses what is beyond the head, naming seq, and moves nothing', async () => {
        await fill(2);
        const [outcome] = await store.commit([
          { op: 'mark', request: { conversation: ALICE_BOB, user: 'bob', delivered: 1, read: 3 } },
        ]);
        expect(outcome).toMatchObject({ code: 'invalid', details: [{ field: 'seq' }] });
        expect(await store.membership('bob', ALICE_BOB)).toMatchObject({ delivered: 0, read: 0 });
      });

      it.each([-1, 1.5, Number.NaN])('refuses %s', async (seq) => {
        await fill(1);
        await expect(mark({ delivered: seq })).rejects.toMatchObject({ code: 'invalid' });
      });

      it('answers not_found to strangers and without a conversation', async () => {
        await fill(1);
        await expect(mark({ user: 'mallory', read: 1 })).rejects.toMatchObject({ code: 'not_found' });
        await expect(mark({ conversation: 'nowhere', read: 0 })).rejects.toMatchObject({ code: 'not_found' });
      });

      it('sees the entries of its own batch', async () => {
        const request = { conversation: ALICE_BOB, user: 'bob', delivered: 1 };
        const outcomes = await store.commit([append(direct('alice', 'bob', 'a')), { op: 'mark', request }]);
        expect(outcomes[1]).toMatchObject({ delivered: 1 });
        expect(await store.membership('bob', ALICE_BOB)).toMatchObject({ delivered: 1, read: 0 });
      });
    });

    describe('enrol', () => {
      it('gives a new user the broadcasts of the window and none before, once', async () => {
        expect(BROADCAST_WINDOW_DAYS).toBe(7);
        await broadcast('old', 30);
        await broadcast('eight days', 8);
        await broadcast('six days', 6);
        await broadcast('now', 0);
        expect(await store.isEnrolled('alice')).toBe(false);
        await store.commit([
          { op: 'enrol', user: 'alice' },
          { op: 'enrol', user: 'alice' },
        ]);
        expect(await store.isEnrolled('alice')).toBe(true);
        const membership = { kind: 'broadcast', joined: 2, delivered: 2, read: 2, head: 4 };
        expect(await store.membership('alice', BROADCAST_CONVERSATION)).toMatchObject(membership);
        const { items } = await store.backlog('alice', 'phone', { limit: 10 });
        expect(items).toMatchObject([{ conversation: BROADCAST_CONVERSATION, after: 2, head: 4 }]);
      });

      it('leaves an enrolled user where he is', async () => {
        await store.commit([{ op: 'enrol', user: 'alice' }]);
        await broadcast('b1', 0);
        await mark({ conversation: BROADCAST_CONVERSATION, user: 'alice', read: 1 });
        await store.commit([{ op: 'enrol', user: 'alice' }]);
        expect(await store.membership('alice', BROADCAST_CONVERSATION)).toMatchObject({ joined: 0, read: 1 });
      });

      it('makes him a member who may write there, in the same batch', async () => {
        const request = { ...systemEntry('hello'), conversation: BROADCAST_CONVERSATION, sender: 'alice' };
        const outcomes = await store.commit([
          append(request),
          { op: 'enrol', user: 'alice' },
          append(request),
        ]);
        expect(outcomes.map(codeOf)).toEqual(['not_found', undefined, undefined]);
      });

      it('refuses who cannot be a user', async () => {
        const outcomes = await store.commit([
          { op: 'enrol', user: '' },
          { op: 'enrol', user: 'alice' },
        ]);
        expect(outcomes.map(codeOf)).toEqual(['invalid', undefined]);
      });
    });

    describe('read', () => {
      const seqs = (entries: Entry[]) => entries.map(({ seq }) => seq);

      it('gives the newest, before and after, always ascending', async () => {
        await fill(10);
        expect(seqs(await store.read(ALICE_BOB, { limit: 3 }))).toEqual([8, 9, 10]);
        expect(seqs(await store.read(ALICE_BOB, { before: 4, limit: 2 }))).toEqual([2, 3]);
        expect(seqs(await store.read(ALICE_BOB, { after: 4, limit: 2 }))).toEqual([5, 6]);
        expect(seqs(await store.read(ALICE_BOB, { after: 10, limit: 2 }))).toEqual([]);
        expect(seqs(await store.read('nowhere', { limit: 2 }))).toEqual([]);
      });

      it('tells letter case and trailing marks apart in ids', async () => {
        await fill(1);
        expect(await store.read(directConversation('Alice', 'bob'), { limit: 1 })).toEqual([]);
        expect(await store.membership('BOB', ALICE_BOB)).toBeUndefined();
      });
    });

    it.each(['alice ', 'alice\0', 'alice\ud800'])(
      'finds nothing for %j, which cannot be an id',
      async (id) => {
        await fill(1, 'alice', 'bob');
        const create = { kind: 'group' as const, members: ['alice'] };
        await one(append({ ...direct('alice', 'bob', 'g'), conversation: 'alice', create }));
        expect(await store.read(id, { limit: 1 })).toEqual([]);
        expect(await store.membership(id, ALICE_BOB)).toBeUndefined();
        expect(await store.membership('alice', id)).toBeUndefined();
        const nothing = { items: [], next: null };
        expect(await store.memberships(id, { limit: 1 })).toEqual(nothing);
        expect(await store.backlog(id, undefined, { limit: 1 })).toEqual(nothing);
        expect(await store.backlog('alice', id, { limit: 1 })).toEqual(nothing);
        expect(await store.arrival(id, undefined, 1)).toEqual({ groups: [], backlog: nothing });
        expect(await store.arrival('alice', id, 1)).toEqual({ groups: [], backlog: nothing });
        expect(await store.peerCursors(id, [ALICE_BOB])).toEqual(new Map());
      },
    );

    describe('memberships', () => {
      it('are paged, the last moved first, each once', async () => {
        const peers = Array.from({ length: 7 }, (_, i) => `peer${i}`);
        await store.commit(peers.map((peer) => append(direct('alice', peer, 'a'))));
        await one(append(direct('peer3', 'alice', 'later')));
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.memberships('alice', { cursor, limit: 3 });
          seen.push(...page.items.map(({ conversation }) => conversation));
          cursor = page.next ?? undefined;
        } while (cursor);
        expect(new Set(seen).size).toBe(7);
        expect(seen).toHaveLength(7);
        const times = await Promise.all(
          seen.map(async (id) => (await store.membership('alice', id))?.time ?? 0),
        );
        expect(times).toEqual([...times].sort((a, b) => b - a));
      });

      it.each([2, 3])(
        'that move while they are paged by %i are missing on none of the pages',
        async (limit) => {
          const peers = Array.from({ length: 9 }, (_, i) => `peer${i}`);
          for (const peer of peers) await one(append(direct('alice', peer, 'first')));
          const heads = new Map<string, number>();
          let cursor: string | undefined;
          for (let round = 0; ; round++) {
            const page = await store.memberships('alice', { cursor, limit });
            for (const { conversation, head } of page.items) heads.set(conversation, head);
            if (page.next === null) break;
            cursor = page.next;
            // Those that would have come next, and one that has come.
            for (const peer of round < 3 ? [peers[round], peers[round + 3], 'peer8'] : [])
              await one(append(direct('alice', peer!, `again ${round}`)));
          }
          expect([...heads.keys()].sort()).toEqual(peers.map((peer) => `dm:alice:${peer}`));
          for (const [id, head] of heads) expect((await store.membership('alice', id))?.head).toBe(head);
        },
      );

      it('leave out conversations without entries for the member', async () => {
        await store.commit([{ op: 'enrol', user: 'alice' }]);
        await broadcast('old', 30);
        await store.commit([{ op: 'enrol', user: 'bob' }]);
        expect((await store.memberships('alice', { limit: 10 })).items).toHaveLength(1);
        expect((await store.memberships('bob', { limit: 10 })).items).toEqual([]);
        expect((await store.memberships('nobody', { limit: 10 })).items).toEqual([]);
      });

      it.each(['', 'x', 'bnVsbA', Buffer.from('[1,2]').toString('base64url')])(
        'refuse the cursor %j',
        async (cursor) => {
          const refusal = { code: 'invalid', details: [{ field: 'cursor' }] };
          await expect(store.memberships('alice', { cursor, limit: 1 })).rejects.toMatchObject(refusal);
          await expect(store.backlog('alice', undefined, { cursor, limit: 1 })).rejects.toMatchObject(
            refusal,
          );
        },
      );
    });

    it('peerCursors gives the other side of direct conversations', async () => {
      await fill(3);
      await one(append(direct('alice', 'alice', 'note')));
      await one(
        append({
          ...direct('alice', 'bob', 'g'),
          conversation: 'team',
          create: { kind: 'group', members: ['alice', 'bob'] },
        }),
      );
      await mark({ delivered: 2, read: 1 });
      const conversations = [ALICE_BOB, directConversation('alice', 'alice'), 'team', 'dm:x:y'];
      const cursors = await store.peerCursors('alice', conversations);
      expect([...cursors]).toEqual([[ALICE_BOB, { delivered: 2, read: 1 }]]);
      expect(await store.peerCursors('alice', [])).toEqual(new Map());
    });

    describe('backlog', () => {
      it('counts from the furthest of read mark, joining and the device', async () => {
        await fill(5);
        const after = async (device?: string) =>
          (await store.backlog('bob', device, { limit: 10 })).items.map((item) => item.after);
        expect(await after('phone')).toEqual([0]);
        await mark({ device: 'phone', delivered: 3 });
        expect([await after('phone'), await after('tablet'), await after()]).toEqual([[3], [0], [0]]);
        await mark({ device: 'phone', delivered: 2 });
        expect(await after('phone')).toEqual([3]);
        await mark({ read: 4 });
        expect([await after('phone'), await after()]).toEqual([[4], [4]]);
        await mark({ device: 'phone', delivered: 5 });
        expect([await after('phone'), await after('tablet')]).toEqual([[], [4]]);
      });

      it('is paged, the longest unmoved first, each once, whatever moves meanwhile', async () => {
        for (let i = 0; i < 7; i++) await one(append(direct(`peer${i}`, 'alice', 'a')));
        const seen: string[] = [];
        let cursor: string | undefined;
        do {
          const page = await store.backlog('alice', 'phone', { cursor, limit: 3 });
          seen.push(...page.items.map(({ conversation }) => conversation));
          expect(page.items.map(({ time }) => time)).toEqual(
            page.items.map(({ time }) => time).sort((a, b) => a - b),
          );
          cursor = page.next ?? undefined;
        } while (cursor);
        expect([...seen].sort()).toEqual(
          Array.from({ length: 7 }, (_, i) => directConversation(`peer${i}`, 'alice')).sort(),
        );
      });
    });

    describe('arrival', () => {
      const groupOf = (id: string, ...members: string[]) =>
        append({
          ...direct('alice', 'bob', `make-${id}`),
          conversation: id,
          create: { kind: 'group', members: ['alice', ...members] },
        });

      it('is all groups and the first page of the backlog, as asked for one by one', async () => {
        expect(await store.arrival('bob', 'phone', 3)).toEqual({
          groups: [],
          backlog: { items: [], next: null },
        });
        for (const id of ['team', 'club', 'den']) await one(groupOf(id, 'bob'));
        await one(groupOf('other'));
        for (let i = 0; i < 4; i++) await one(append(direct(`peer${i}`, 'bob', 'a')));
        await mark({ conversation: 'club', user: 'bob', device: 'phone', delivered: 1 });
        for (const [device, limit] of [
          ['phone', 3],
          ['phone', 5],
          ['phone', 6],
          ['tablet', 7],
          [undefined, 100],
        ] as const) {
          const { groups, backlog } = await store.arrival('bob', device, limit);
          expect([...groups].sort()).toEqual(['club', 'den', 'team']);
          expect([...groups].sort()).toEqual([...(await store.groupsOf('bob'))].sort());
          expect(backlog).toEqual(await store.backlog('bob', device, { limit }));
          expect(backlog.next === null).toBe(limit >= (device === 'phone' ? 6 : 7));
        }
      });

      it('is so as well of who has more than is read at once', async () => {
        const peers = Array.from({ length: 505 }, (_, i) => `peer${i}`);
        await store.commit(peers.map((peer) => append(direct(peer, 'bob', 'a'))));
        await one(groupOf('team', 'bob'));
        const { groups, backlog } = await store.arrival('bob', undefined, 1000);
        expect([groups, backlog.items.length, backlog.next]).toEqual([['team'], 506, null]);
      });

      it.each([
        ['read', { read: 3 }, { conversation: ALICE_BOB, user: 'bob' }],
        ['delivered', { delivered: 3 }, { conversation: ALICE_BOB, user: 'bob', device: 'phone' }],
      ])('knows what is %s', async (_, upTo, whose) => {
        await fill(4);
        const behind = async () => (await store.arrival('bob', 'phone', 10)).backlog.items;
        expect(await behind()).toMatchObject([{ after: 0, head: 4 }]);
        await mark({ ...whose, ...upTo });
        expect(await behind()).toMatchObject([{ after: 3, head: 4 }]);
        await mark({ ...whose, ...('read' in upTo ? { read: 4 } : { delivered: 4 }) });
        expect(await behind()).toEqual([]);
      });
    });

    describe('counts', () => {
      it('are of the entries in each window that others sent, by type', async () => {
        await fill(5);
        await fill(3, 'bob', 'alice', 'b');
        await one(append({ ...direct('carol', 'bob', 'c'), type: 'note' }));
        const other = directConversation('carol', 'bob');
        const counts = (types: string[], after = 0, upTo = 8) =>
          store
            .counts('bob', types, [
              { conversation: ALICE_BOB, after, upTo },
              { conversation: other, after: 0, upTo: 1 },
              { conversation: 'absent', after: 0, upTo: 9 },
            ])
            .then((found) => [...found].sort());
        expect(await counts(['message'])).toEqual([[ALICE_BOB, 5]]);
        expect(await counts(['message', 'note'])).toEqual([
          [ALICE_BOB, 5],
          [other, 1],
        ]);
        expect(await counts(['message'], 3)).toEqual([[ALICE_BOB, 2]]);
        expect(await counts(['message'], 0, 1)).toEqual([[ALICE_BOB, 1]]);
        expect(await counts(['message'], 5)).toEqual([]);
        expect([...(await store.counts('bob', ['message'], []))]).toEqual([]);
      });

      it('are right for as many conversations as a page has', async () => {
        const peers = Array.from({ length: 200 }, (_, i) => `peer${i}`);
        await store.commit(peers.map((peer) => append(direct(peer, 'bob', 'a'))));
        const windows = peers.map((peer) => ({
          conversation: directConversation(peer, 'bob'),
          after: 0,
          upTo: 1,
        }));
        const found = await store.counts('bob', ['message'], windows);
        expect([...found.values()]).toEqual(peers.map(() => 1));
      });
    });

    it('at gives the entries at places, in any number of conversations, to whom they are for', async () => {
      await fill(3);
      await one(append(direct('carol', 'bob', 'c')));
      const other = directConversation('carol', 'bob');
      const places = [
        { conversation: other, seq: 1 },
        { conversation: ALICE_BOB, seq: 2 },
        { conversation: ALICE_BOB, seq: 4 },
        { conversation: 'absent', seq: 1 },
      ];
      const idsFor = async (user: string) =>
        (await store.at(user, places)).map(({ conversation, seq }) => `${conversation}#${seq}`).sort();
      expect(await idsFor('bob')).toEqual([`${ALICE_BOB}#2`, `${other}#1`]);
      expect(await idsFor('alice')).toEqual([`${ALICE_BOB}#2`]);
      expect(await idsFor('mallory')).toEqual([]);
      expect(await store.at('bob', [])).toEqual([]);
    });

    describe('rules', () => {
      const team = (clientId: string, request: Partial<AppendRequest> = {}): AppendRequest => ({
        conversation: 'team',
        type: 'group.changed',
        sender: 'alice',
        clientId,
        body: clientId,
        ...request,
      });
      const made = (effects: Effects = {}) =>
        team('made', {
          create: { kind: 'group', members: ['alice'] },
          rule: ({ isNew }) => (isNew ? effects : new AppError('conflict')),
        });
      const admit = (user: string, change: Partial<RelationChange> = {}) =>
        team(`admit-${user}`, {
          about: [user],
          rule: ({ seq }) => ({ relations: [{ user, joined: seq - 1, left: null, ...change }] }),
        });
      const dismiss = (user: string, clientId = `dismiss-${user}`) =>
        team(clientId, {
          about: [user],
          rule: ({ seq, relation }) =>
            relation(user)?.left === null
              ? { relations: [{ user, left: seq, role: 'left' }] }
              : new AppError('not_found'),
        });
      const say = (sender: string, clientId: string) => append(team(clientId, { sender, type: 'message' }));

      it('see what is true and change it in the transaction of the entry', async () => {
        await one(append(made({ state: { name: 'Team' }, relations: [{ user: 'alice', role: 'owner' }] })));
        const scenes: unknown[] = [];
        const rule: AppendRule = ({ seq, isNew, state, relation, time }) => {
          scenes.push({ seq, isNew, state, alice: relation('alice'), bob: relation('bob') });
          const attributes = { mutedUntil: time };
          return {
            state: { name: 'Crew' },
            relations: [{ user: 'bob', joined: 0, left: null, seen: 1, attributes }],
          };
        };
        const { entry } = await one(append(team('x', { about: ['alice', 'bob'], rule })));
        expect(scenes.at(-1)).toEqual({
          seq: 2,
          isNew: false,
          state: { name: 'Team' },
          alice: { joined: 0, left: null, delivered: 0, read: 0, role: 'owner', attributes: null },
          bob: undefined,
        });
        expect(await store.conversation('team')).toMatchObject({
          kind: 'group',
          head: 2,
          state: { name: 'Crew' },
        });
        expect(await store.relation('bob', 'team')).toEqual({
          joined: 0,
          left: null,
          delivered: 1,
          read: 1,
          role: null,
          attributes: { mutedUntil: entry.time },
        });
        expect([await store.groupsOf('bob'), await store.groupsOf('carol')]).toEqual([['team'], []]);
      });

      it('refuse alone, and what is refused leaves nothing behind', async () => {
        const refused = { ...made(), rule: () => new AppError('forbidden') };
        expect(codeOf((await store.commit([append(refused)]))[0])).toBe('forbidden');
        expect(await store.groupsOf('alice')).toEqual([]);
        expect(await store.conversation('team')).toBeUndefined();
        const outcomes = await store.commit([
          append(made()),
          append({ ...made(), clientId: 'again' }),
          append(made()),
        ]);
        expect(outcomes.map((each) => codeOf(each) ?? (each as AppendResult).duplicate)).toEqual([
          false,
          'conflict',
          true,
        ]);
        expect((await store.conversation('team'))?.head).toBe(1);
      });

      it('decide in the order of the batch: before the end a member may write, after it he is unknown', async () => {
        const outcomes = await store.commit([
          append(made()),
          say('bob', 'm0'),
          append(admit('bob')),
          say('bob', 'm1'),
          append(dismiss('bob')),
          say('bob', 'm2'),
          say('bob', 'm1'),
          append(dismiss('bob', 'twice')),
        ]);
        expect(outcomes.map((each) => codeOf(each) ?? (each as AppendResult).entry.seq)).toEqual([
          1,
          'not_found',
          2,
          3,
          4,
          'not_found',
          3,
          'not_found',
        ]);
      });

      it('end reading, marking and backlog at the last entry that was for the member', async () => {
        await store.commit([
          append(made()),
          append(admit('bob')),
          say('alice', 'm1'),
          append(dismiss('bob')),
          say('alice', 'm2'),
        ]);
        const read = (range: ReadRange) =>
          store.read('team', range, 'bob').then((entries) => entries.map(({ seq }) => seq));
        expect(await read({ limit: 10 })).toEqual([2, 3, 4]);
        expect(await read({ limit: 2 })).toEqual([3, 4]);
        expect(await read({ after: 2, limit: 10 })).toEqual([3, 4]);
        expect((await store.read('team', { limit: 10 })).length).toBe(5);
        expect((await store.backlog('bob', 'phone', { limit: 10 })).items).toMatchObject([
          { after: 1, head: 4 },
        ]);
        expect((await store.memberships('bob', { limit: 10 })).items).toMatchObject([
          { conversation: 'team', head: 4, joined: 1, left: 4, role: 'left' },
        ]);
        const [beyond] = await store.commit([
          { op: 'mark', request: { conversation: 'team', user: 'bob', read: 5 } },
        ]);
        expect(codeOf(beyond)).toBe('invalid');
        await one<MarkResult>({
          op: 'mark',
          request: { conversation: 'team', user: 'bob', device: 'phone', read: 4 },
        });
        expect((await store.backlog('bob', 'phone', { limit: 10 })).items).toEqual([]);
        const places = [1, 2, 3, 4, 5].map((seq) => ({ conversation: 'team', seq }));
        expect((await store.at('bob', places)).map(({ seq }) => seq).sort()).toEqual([2, 3, 4]);
        expect(await store.groupsOf('bob')).toEqual([]);
      });

      it('keep who never was a member outside', async () => {
        await store.commit([append(made()), append(admit('bob', { joined: 0, left: 0, role: 'invited' }))]);
        expect(await store.membership('bob', 'team')).toBeUndefined();
        expect(await store.relation('bob', 'team')).toMatchObject({ left: 0, role: 'invited' });
        expect(await store.read('team', { limit: 10 }, 'bob')).toEqual([]);
        expect((await store.backlog('bob', undefined, { limit: 10 })).items).toEqual([]);
        const [mark, message] = await store.commit([
          { op: 'mark', request: { conversation: 'team', user: 'bob', read: 1 } },
          say('bob', 'm1'),
        ]);
        expect([codeOf(mark), codeOf(message)]).toEqual(['not_found', 'not_found']);
      });

      it('write rows of other tables with the entry, once', async () => {
        const sql =
          'REPLACE INTO device_cursors (user_id, device_id, conversation_id, delivered_seq) VALUES (?, ?, ?, ?)';
        const rows = ({ conversation, seq }: Entry): RowStatement[] => [[sql, 'bob', 'd', conversation, seq]];
        const after = async () =>
          (await store.backlog('bob', 'd', { limit: 1 })).items.map((item) => item.after);
        await fill(1);
        const request = { ...direct('alice', 'bob', 'r1'), rows };
        await one(append(request));
        await fill(1, 'alice', 'bob', 'later');
        expect(await after()).toEqual([2]);
        await one(append({ ...request, rows: () => [[sql, 'bob', 'd', ALICE_BOB, 1]] }));
        expect(await after()).toEqual([2]);
      });
    });

    describe('bodies that are replaced', () => {
      const replaced = (clientId: string, seq: number, body: unknown): AppendRequest => ({
        ...direct('alice', 'bob', clientId),
        create: undefined,
        type: 'change',
        targets: [seq],
        check: ({ entry }) => (entry(seq) ? { bodies: [{ seq, body }] } : new AppError('not_found')),
      });
      const bodies = async () => (await store.read(ALICE_BOB, { limit: 10 })).map(({ body }) => body);

      it('are gone from the journal, and a rule sees what is there now', async () => {
        await fill(2);
        const seen: unknown[] = [];
        const look = (clientId: string): AppendRequest => ({
          ...replaced(clientId, 1, clientId),
          check: ({ entry }) => {
            seen.push([entry(1)?.body, entry(2), entry(9)]);
            return { bodies: [{ seq: 1, body: clientId }] };
          },
        });
        await one(append({ ...look('x'), targets: [1, 9] }));
        await store.commit([
          append({ ...look('y'), targets: [1, 9] }),
          append({ ...look('z'), targets: [1, 9] }),
        ]);
        expect(seen.slice(-2).map((each) => (each as unknown[])[0])).toEqual(['x', 'y']);
        expect(seen.every((each) => (each as unknown[]).slice(1).every((one) => one === undefined))).toBe(
          true,
        );
        expect((await bodies())[0]).toBe('z');
        expect((await bodies())[1]).toEqual({ text: 'm2' });
      });

      it('may be those of the same batch', async () => {
        const [sent, changed] = await store.commit([
          append(direct('alice', 'bob', 'm1')),
          append(replaced('x', 1, 'changed')),
        ]);
        expect([sent, changed]).toMatchObject([
          { entry: { body: { text: 'm1' } } },
          { entry: { seq: 2 }, replaced: true },
        ]);
        expect(sent).not.toHaveProperty('replaced');
        expect((await bodies())[0]).toBe('changed');
      });

      it('leave a repetition what it is, if the request knows itself', async () => {
        const sent = direct('alice', 'bob', 'm1');
        await one(append(sent));
        const repeats = (stored: Entry) => stored.body === 'changed';
        const outcomes = await store.commit([
          append(replaced('x', 1, 'changed')),
          append(sent),
          append({ ...sent, repeats }),
        ]);
        expect(codeOf(outcomes[1])).toBe('conflict');
        expect(outcomes[2]).toMatchObject({ duplicate: true, entry: { seq: 1, body: 'changed' } });
        expect(codeOf((await store.commit([append(sent)]))[0])).toBe('conflict');
        expect(await one(append({ ...sent, repeats }))).toMatchObject({ duplicate: true, entry: { seq: 1 } });
        expect(codeOf((await store.commit([append({ ...sent, type: 'other', repeats })]))[0])).toBe(
          'conflict',
        );
      });

      it('are judged besides the rule that holds, which comes first', async () => {
        await fill(1);
        const judged = async (request: Partial<AppendRequest>) =>
          codeOf((await store.commit([append({ ...replaced('x', 1, 'changed'), ...request })]))[0]);
        expect(await judged({ sender: 'carol' })).toBe('not_found');
        expect(await judged({ rule: () => new AppError('forbidden') })).toBe('forbidden');
        expect(await judged({ targets: [] })).toBe('not_found');
        expect(await bodies()).toEqual([{ text: 'm1' }]);
        const rule = () => ({ relations: [{ user: 'alice', role: 'x' }] });
        expect(await judged({ rule })).toBeUndefined();
        expect((await store.relation('alice', ALICE_BOB))?.role).toBe('x');
        expect((await bodies())[0]).toBe('changed');
      });
    });

    it('readAt gives the entries asked for; with a user those that are for him', async () => {
      await fill(3);
      const at = async (seqs: number[], user?: string) =>
        (await store.readAt(ALICE_BOB, seqs, user)).map(({ seq }) => seq);
      expect(await at([3, 1, 9, 1])).toEqual([1, 3]);
      expect(await at([])).toEqual([]);
      expect([await at([1], 'alice'), await at([1], 'carol')]).toEqual([[1], []]);
    });

    it('entryOf gives what a sender stored under a client id', async () => {
      await fill(2);
      const of = (sender: string, clientId: string) =>
        store.entryOf({ conversation: ALICE_BOB, sender, clientId });
      expect(await of('alice', 'm2')).toMatchObject({ seq: 2, body: { text: 'm2' } });
      expect([await of('bob', 'm2'), await of('alice', 'M2')]).toEqual([undefined, undefined]);
    });

    it('leaves out what a user has hidden, for him alone', async () => {
      await fill(4);
      const hide = 'INSERT INTO hidden_entries (user_id, conversation_id, seq) VALUES (?, ?, ?)';
      for (const seq of [2, 4]) await harness.execute(hide, ['bob', ALICE_BOB, seq]);
      const read = async (user: string | undefined, range: ReadRange) =>
        (await store.read(ALICE_BOB, range, user)).map(({ seq }) => seq);
      expect(await read('bob', { limit: 2 })).toEqual([1, 3]);
      expect(await read('bob', { after: 1, limit: 2 })).toEqual([3]);
      expect(await read('alice', { limit: 2 })).toEqual([3, 4]);
      expect(await read(undefined, { limit: 4 })).toEqual([1, 2, 3, 4]);
      expect((await store.readAt(ALICE_BOB, [1, 2], 'bob')).map(({ seq }) => seq)).toEqual([1]);
      const places = [1, 2].map((seq) => ({ conversation: ALICE_BOB, seq }));
      expect((await store.at('bob', places)).map(({ seq }) => seq)).toEqual([1]);
      const visibility = (user: string, after: number, upTo: number) =>
        store.visibility(user, ALICE_BOB, { after, upTo });
      expect(await visibility('bob', 0, 4)).toEqual({ joined: 0, left: null, hidden: new Set([2, 4]) });
      expect(await visibility('bob', 2, 4)).toMatchObject({ hidden: new Set([4]) });
      expect(await visibility('bob', 0, 1)).toMatchObject({ hidden: new Set() });
      expect(await visibility('alice', 0, 4)).toEqual({ joined: 0, left: null, hidden: new Set() });
      expect(await visibility('carol', 0, 4)).toBeUndefined();
      const windows = [{ conversation: ALICE_BOB, after: 0, upTo: 4 }];
      expect([...(await store.counts('bob', ['message'], windows))]).toEqual([[ALICE_BOB, 2]]);
    });

    describe('changes', () => {
      const draft = (user: string, clientId: string): ChangeRequest['entries'][number] => ({
        conversation: inboxConversation(user),
        create: { kind: 'inbox', members: [user] },
        type: 'told',
        sender: SYSTEM_SENDER,
        clientId,
      });
      const change = (
        rule: ChangeRequest['rule'],
        entries: ChangeRequest['entries'] = [],
      ): JournalOperation => ({
        op: 'change',
        request: { conversation: ALICE_BOB, kind: 'direct', entries, rule },
      });
      const count = change(({ state }) => ({ state: { n: Number(state?.n ?? 0) + 1 } }));

      it('keep a state without an entry, also before there is any, and nobody sees it move', async () => {
        await store.commit([count, count]);
        expect(await store.conversation(ALICE_BOB)).toMatchObject({ head: 0, state: { n: 2 } });
        expect((await store.memberships('alice', { limit: 10 })).items).toEqual([]);
        const [first, , second] = await store.commit([
          append(direct('alice', 'bob', 'm1')),
          count,
          append(direct('bob', 'alice', 'm2')),
        ]);
        expect([first, second]).toMatchObject([{ entry: { seq: 1 } }, { entry: { seq: 2 } }]);
        const { time, ...facts } = (await store.conversation(ALICE_BOB))!;
        expect(facts).toEqual({ kind: 'direct', head: 2, state: { n: 3 } });
        await one(count);
        expect(await store.conversation(ALICE_BOB)).toMatchObject({ head: 2, time, state: { n: 4 } });
      });

      it('write entries of other conversations and rows with it, or, when refused, nothing', async () => {
        const row: RowStatement = [
          'REPLACE INTO device_cursors (user_id, device_id, conversation_id, delivered_seq) VALUES (?, ?, ?, ?)',
          'bob',
          'd',
          inboxConversation('bob'),
          1,
        ];
        const drafts = [draft('alice', 'a'), draft('bob', 'b')];
        const [done, refused, none] = await store.commit([
          change(() => ({ state: { n: 1 }, entryBodies: [undefined, 'news'], rows: [row] }), drafts),
          change(() => new AppError('refused'), [draft('alice', 'x')]),
          change(() => undefined, [draft('alice', 'y')]),
        ]);
        expect(done).toMatchObject({ change: { state: { n: 1 } }, entries: [{ seq: 1, body: 'news' }] });
        expect(codeOf(refused)).toBe('refused');
        expect(none).toEqual({ entries: [] });
        expect(await store.read(inboxConversation('bob'), { limit: 5 }, 'bob')).toMatchObject([
          { seq: 1, type: 'told', body: 'news' },
        ]);
        expect(await store.read(inboxConversation('alice'), { limit: 5 })).toEqual([]);
        expect(await store.conversation(inboxConversation('alice'))).toBeUndefined();
        expect((await store.backlog('bob', 'd', { limit: 1 })).items).toEqual([]);
        expect((await store.backlog('bob', undefined, { limit: 1 })).items).toHaveLength(1);
      });

      it('of two nodes at once are all there', async () => {
        await Promise.all(Array.from({ length: 20 }, () => one<ChangeResult>(count)));
        expect(await store.conversation(ALICE_BOB)).toMatchObject({ state: { n: 20 } });
      });

      it('can be looked at by a guard, which refuses what users write and no repetition', async () => {
        const guards = new Map([
          ['direct', (state: unknown) => (state ? new AppError('refused') : undefined)],
        ] as const);
        const guarded = (request: AppendRequest): JournalOperation => ({ op: 'append', request, guards });
        const said = direct('alice', 'bob', 'm1');
        const outcomes = await store.commit([
          guarded(said),
          count,
          guarded(direct('alice', 'bob', 'm2')),
          guarded({ ...direct('alice', 'bob', 'm3'), rule: () => undefined }),
          guarded(said),
          guarded({ ...direct('alice', 'bob', 's1'), sender: SYSTEM_SENDER }),
        ]);
        const refused = outcomes.map((outcome) => codeOf(outcome) === 'refused');
        expect(refused).toEqual([false, false, true, true, false, false]);
        expect(outcomes[4]).toMatchObject({ duplicate: true, entry: { seq: 1 } });
        expect(outcomes[5]).toMatchObject({ entry: { seq: 2 } });
      });
    });

    it('answers an empty batch with nothing', async () => {
      expect(await store.commit([])).toEqual([]);
    });
  });
}

function systemEntry(clientId: string): AppendRequest {
  return { conversation: '', type: 'notification', sender: SYSTEM_SENDER, clientId, body: clientId };
}

function cycle(): object {
  const loop: { self?: object } = {};
  loop.self = loop;
  return loop;
}
