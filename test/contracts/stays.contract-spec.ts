import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type AppendRequest,
  type Backlog,
  type Entry,
  isFor,
  type JournalOperation,
  type JournalStore,
  STAYS_LIMIT,
  stretches,
} from '../../src/journal/index.js';
import { mysqlJournal, sqliteJournal } from '../support/journal-harness.js';
import type { JournalHarness } from './journal.contract.js';
import { mariaDbUrl } from '../support/mariadb.js';
import { Random } from '../support/random.js';

const ROUNDS = 30;
const STEPS = 30;
const DEVICES = ['phone', 'pad'] as const;
const server = mariaDbUrl();

describe.each([
  { name: 'SQLite', make: sqliteJournal as (() => Promise<JournalHarness>) | undefined },
  { name: 'MariaDB', make: server === undefined ? undefined : () => mysqlJournal(server) },
])('who leaves a group and comes back, on $name', ({ make }) => {
  describe.skipIf(!make)('the journal', () => {
    let harness: JournalHarness;
    let store: JournalStore;

    beforeEach(async () => {
      harness = await make!();
      store = harness.store;
    });
    afterEach(() => harness.dispose());

    it(
      `sees the union of his stays and nothing else, in ${ROUNDS} histories`,
      { timeout: 300_000 },
      async () => {
        const random = new Random();
        console.log(`TEST_SEED=${random.seed}`);
        for (let round = 0; round < ROUNDS; round++) {
          const team = new Team(`team${round}`);
          await store.commit([team.made()]);
          for (let step = 0; step < STEPS; step += 1) {
            const some = Array.from({ length: 1 + random.below(4) }, () => team.step(random));
            const outcomes = await store.commit(some);
            expect(outcomes.filter((outcome) => outcome instanceof Error)).toEqual([]);
            if (random.below(5) === 0) await compare(team, random);
          }
          await compare(team, random);
        }
      },
    );

    async function compare(team: Team, random: Random): Promise<void> {
      const { id, head, his } = team;
      const after = random.below(head + 2);
      const limit = 1 + random.below(12);
      const seqs = async (entries: Promise<{ seq: number }[]>) => (await entries).map(({ seq }) => seq);
      const lower = his.filter((seq) => seq < after);
      expect(await seqs(store.read(id, { limit: 1000 }, 'bob'))).toEqual(his);
      expect(await seqs(store.read(id, { after, limit }, 'bob'))).toEqual(
        his.filter((seq) => seq > after).slice(0, limit),
      );
      expect(await seqs(store.read(id, { before: after, limit }, 'bob'))).toEqual(lower.slice(-limit));
      const all = Array.from({ length: head }, (_, index) => index + 1);
      expect(await seqs(store.readAt(id, all, 'bob'))).toEqual(his);
      const places = all.map((seq) => ({ conversation: id, seq }));
      expect((await seqs(store.at('bob', places))).sort((a, b) => a - b)).toEqual(his);
      const relation = await store.relation('bob', id);
      expect(all.filter((seq) => relation && isFor(seq, relation))).toEqual(his);
      const sight = await store.visibility('bob', id, { after, upTo: head });
      const seen = all.filter(
        (seq) => sight && seq > sight.joined && (sight.left === null || seq <= sight.left),
      );
      expect(seen.filter((seq) => seq > after && !sight?.hidden.has(seq))).toEqual(
        his.filter((seq) => seq > after),
      );
      for (const device of [undefined, ...DEVICES]) await compareBacklog(team, device);
      const seq = 1 + random.below(head);
      const readers = await store.readers({ conversation: id, seq }, 'nobody', { after: '', limit: 10 });
      const hasRead = team.isIn && team.read >= seq && his.includes(seq);
      expect(readers?.readers.map(({ user }) => user)).toEqual(hasRead ? ['bob'] : []);
      expect(readers?.count).toBe(hasRead ? 1 : 0);
    }

    /** What a device that comes back is brought, and what counts as unread. */
    async function compareBacklog(team: Team, device: (typeof DEVICES)[number] | undefined): Promise<void> {
      const { items } = await store.backlog('bob', device, { limit: 1000 });
      expect((await store.arrival('bob', device, 1000)).backlog.items).toEqual(items);
      const item = items.find(({ conversation }) => conversation === team.id);
      const from = Math.max(team.read, device === undefined ? 0 : team.delivered[device]);
      const owed = team.his.filter((seq) => seq > from);
      const brought = item ? await store.read(team.id, { after: item.after, limit: 1000 }, 'bob') : [];
      expect(brought.map(({ seq }) => seq)).toEqual(owed);
      if (device === undefined) await compareUnread(team, brought, item);
    }

    async function compareUnread(team: Team, brought: Entry[], item: Backlog | undefined): Promise<void> {
      const membership = await store.membership('bob', team.id);
      const windows = membership
        ? stretches(membership, { after: membership.read, upTo: membership.head })
        : [];
      const counted = await store.counts(
        'bob',
        ['message'],
        windows.map((part) => ({ conversation: team.id, ...part })),
      );
      const unread = brought.filter(({ type, sender }) => type === 'message' && sender !== 'bob').length;
      expect(counted.get(team.id) ?? 0).toBe(unread);
      expect(item?.parts ?? windows).toEqual(windows);
    }

    it(`remembers ${STAYS_LIMIT} stays before the present one`, async () => {
      const team = new Team('team');
      await store.commit([team.made()]);
      const stays = STAYS_LIMIT + 3;
      for (let n = 0; n < stays; n++)
        await store.commit([team.say(), team.come(false), team.say(), team.go(), team.say()]);
      await store.commit([team.come(false)]);
      const seqs = (await store.read('team', { after: 0, limit: 1000 }, 'bob')).map(({ seq }) => seq);
      expect(seqs).toEqual(team.his.slice(-(STAYS_LIMIT * 3 + 1)));
      expect((await store.relation('bob', 'team'))?.earlier).toHaveLength(STAYS_LIMIT);
      expect((await store.readAt('team', team.his.slice(0, 9), 'bob')).map(({ seq }) => seq)).toEqual([]);
    });

    it('keeps who was never away as he was: no earlier stays are stored or asked for', async () => {
      const team = new Team('team');
      await store.commit([team.made(), team.come(false), team.say(), team.say()]);
      expect((await store.relation('bob', 'team'))?.earlier).toBeUndefined();
      expect((await store.membership('bob', 'team'))?.earlier).toBeUndefined();
      expect((await store.backlog('bob', undefined, { limit: 9 })).items[0]?.parts).toBeUndefined();
      await store.commit([team.go(), team.come(false)]);
      expect((await store.relation('bob', 'team'))?.earlier).toBeUndefined();
      expect((await store.read('team', { limit: 99 }, 'bob')).map(({ seq }) => seq)).toEqual(team.his);
    });
  });
});

/** A group, and an account of its own of what is for bob: entry by entry, without a thought of intervals. */
class Team {
  head = 0;
  isIn = false;
  read = 0;
  readonly delivered = { phone: 0, pad: 0 };
  his: number[] = [];

  constructor(readonly id: string) {}

  made(): JournalOperation {
    return this.entry({ type: 'made', create: { kind: 'group', members: ['alice'] } });
  }

  say(sender = 'alice'): JournalOperation {
    return this.entry({ sender, type: 'message' });
  }

  come(all: boolean): JournalOperation {
    if (all) this.his = Array.from({ length: this.head }, (_, index) => index + 1);
    const nothingOwed = this.lastHis <= this.read || this.lastHis === 0;
    if (nothingOwed || this.never) this.read = Math.max(this.read, this.head);
    this.never = false;
    this.isIn = true;
    this.comings++;
    return this.entry({
      about: ['bob'],
      rule: ({ seq }) => ({
        relations: [{ user: 'bob', joined: all ? 0 : seq - 1, seen: seq - 1, left: null }],
      }),
    });
  }

  go(): JournalOperation {
    const going = this.entry({
      about: ['bob'],
      rule: ({ seq }) => ({ relations: [{ user: 'bob', left: seq }] }),
    });
    this.isIn = false;
    this.lastHis = this.head;
    return going;
  }

  step(random: Random): JournalOperation {
    const what = random.below(10);
    if (what < 4) return this.say(this.isIn && random.below(3) === 0 ? 'bob' : 'alice');
    if (what < 7 && this.comings <= STAYS_LIMIT)
      return this.isIn ? this.go() : this.come(random.below(12) === 0);
    const upTo = random.of(this.his);
    if (upTo === undefined) return this.say();
    const device = random.of([undefined, ...DEVICES]);
    if (device) this.delivered[device] = Math.max(this.delivered[device], upTo);
    const isRead = device === undefined || random.below(6) === 0;
    if (isRead) this.read = Math.max(this.read, upTo);
    return {
      op: 'mark',
      request: {
        conversation: this.id,
        user: 'bob',
        device,
        ...(isRead ? { read: upTo } : { delivered: upTo }),
      },
    };
  }

  private comings = 0;
  private lastHis = 0;
  private never = true;

  private entry(request: Partial<AppendRequest>): JournalOperation {
    this.head++;
    if (this.isIn) this.his.push(this.head);
    const clientId = `c${this.head}`;
    const base = { conversation: this.id, type: 'group.changed', sender: 'alice', clientId, body: {} };
    return { op: 'append', request: { ...base, ...request } };
  }
}
