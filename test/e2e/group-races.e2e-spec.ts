import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ChatMessage, GroupChange, GroupRole, HistoryEntry } from '@rookery/protocol';
import { api } from '../support/api.js';
import { GroupDevice, wholeHistory } from '../support/group-device.js';
import { Random } from '../support/random.js';
import { CommandError } from '../support/raw-client.js';
import { TestServer } from '../support/server.js';
import { stores, type FreshStore } from '../support/stores.js';
import type { Wire } from '../support/wire.js';

const GROUPS = 240;
/** Groups in which something happens at a time: their entries share transactions. */
const AT_ONCE = 12;
const MESSAGES = 6;
const STRIFES = 60;
const TIMEOUT = 300_000;
/** Enough to fill the kernel's buffers of a socket that is not read. */
const PADDING = 'x'.repeat(3000);
const UNLIMITED = { WS_RATE_LIMIT: '1000000', WS_USER_RATE_LIMIT: '1000000' };

const ACTS = ['remove', 'ban', 'leave', 'mute', 'dissolve', 'join', 'joinAll', 'rejoin'] as const;
type Act = (typeof ACTS)[number];

const codeOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'ok',
    (error: unknown) => (error instanceof CommandError ? error.data.code : String(error)),
  );
const turn = () => new Promise((resolve) => setImmediate(resolve));
const isChange = (entry: HistoryEntry): entry is GroupChange & { event: 'group.changed' } =>
  entry.event === 'group.changed';

describe.each(stores())('groups under contention on $name', ({ open }) => {
  const random = new Random();
  let store: FreshStore;
  let server: TestServer;

  beforeAll(async () => {
    console.log(`TEST_SEED=${random.seed}`);
    store = await open();
    server = await TestServer.start({
      databaseUrl: store.databaseUrl,
      env: { ...UNLIMITED, WS_SEND_BUFFER: '65536', LOG_LEVEL: 'error' },
    });
  });
  afterAll(async () => {
    await server.stop();
    await store.dispose();
  });

  /** By an administrator of the server, with all of them as members. */
  const make = async (id: string, owner: string, users: readonly string[], settings: object = {}) => {
    const body = { id, name: 'Team', visibility: 'open', ...settings };
    const made = await api(server, 'POST', '/api/v1/groups', { user: owner, body });
    const added = await api(server, 'POST', `/api/v1/groups/${id}/members`, {
      user: owner,
      role: 'admin',
      body: { users },
    });
    expect([made.status, added.status]).toEqual([201, 200]);
  };

  const inParallel = async (count: number, run: (index: number) => Promise<void>): Promise<void> => {
    let next = 0;
    const worker = async (): Promise<void> => {
      while (next < count) await run(next++);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, worker));
  };

  describe(`an act amid the messages of three, in ${GROUPS} groups`, () => {
    const acts = new Map<string, Act>();
    const truths = new Map<string, Awaited<ReturnType<typeof read>>>();
    /** What the one acted upon was told about his own messages. */
    const answers = new Map<string, string[]>();
    let owner: GroupDevice;
    let others: Wire[];
    let sending: GroupDevice;
    let live: GroupDevice;
    let stopped: GroupDevice;
    let late: GroupDevice;

    const say = (wire: Wire, conversation: string, content: string) =>
      wire.call('chat.send', { conversation, kind: 'text', content: content + PADDING });

    const act = async (id: string, what: Act): Promise<void> => {
      const [boss, vic] = [owner.wire, sending.wire];
      const users = { conversation: id, users: ['vic'] };
      if (what === 'remove') await boss.call('group.remove', users);
      else if (what === 'ban') await boss.call('group.ban', users);
      else if (what === 'leave') await vic.call('group.leave', { conversation: id });
      else if (what === 'mute') await boss.call('group.mute', { conversation: id, user: 'vic' });
      else if (what === 'dissolve') await boss.call('group.dissolve', { conversation: id });
      else if (what === 'rejoin') {
        for (let times = 1 + random.below(3); times > 0; times--) {
          if (random.below(2) === 0) await boss.call('group.remove', users);
          else await vic.call('group.leave', { conversation: id });
          for (let wait = random.below(3); wait > 0; wait--) await turn();
          await vic.call('group.join', { conversation: id });
        }
      } else await vic.call('group.join', { conversation: id });
    };

    const play = async (index: number): Promise<void> => {
      const id = `g${index}`;
      const what = ACTS[index % ACTS.length] as Act;
      acts.set(id, what);
      const comes = what === 'join' || what === 'joinAll';
      const members = comes ? ['ann', 'ben'] : ['ann', 'ben', 'vic'];
      await make(id, 'own', members, what === 'joinAll' ? { history: 'all' } : {});
      const told: string[] = [];
      answers.set(id, told);
      const theirs = others.flatMap((wire) =>
        Array.from({ length: MESSAGES }, (_, n) => () => codeOf(say(wire, id, `${n}`))),
      );
      const own = Array.from({ length: MESSAGES }, (_, n) => async () => {
        told.push(await codeOf(say(sending.wire, id, `vic ${n}`)));
      });
      const steps = random.shuffled<() => Promise<unknown>>([...theirs, ...own, () => act(id, what)]);
      const begun: Promise<unknown>[] = [];
      for (const step of steps) {
        begun.push(step());
        if (random.below(3) === 0) await turn();
      }
      await Promise.all(begun);
    };

    beforeAll(async () => {
      [owner, sending, live, stopped] = await Promise.all([
        GroupDevice.connect(server, 'own', 'o'),
        GroupDevice.connect(server, 'vic', 'sending'),
        GroupDevice.connect(server, 'vic', 'live'),
        GroupDevice.connect(server, 'vic', 'stopped'),
      ]);
      const connected = await Promise.all([
        GroupDevice.connect(server, 'ann', 'a'),
        GroupDevice.connect(server, 'ben', 'b'),
      ]);
      others = [owner.wire, ...connected.map(({ wire }) => wire)];
      stopped.wire.socket.pause();
      await inParallel(GROUPS, play);
      await Promise.all([sending.settle(), live.settle(), owner.settle()]);
      late = await GroupDevice.connect(server, 'vic', 'late');
      stopped.wire.socket.resume();
      for (const id of acts.keys()) truths.set(id, await read(id));
    }, TIMEOUT);

    /** What is in the journal, and what of it is for him: from each entry that made him a member to the one that ended it. */
    const read = async (id: string) => {
      const entries = await wholeHistory(owner.wire, id);
      const his: HistoryEntry[] = [];
      let isIn = false;
      for (const entry of entries) {
        const change = isChange(entry) && entry.users?.includes('vic') ? entry.change : '';
        if (change === 'joined') isIn = true;
        if (isIn) his.push(entry);
        if (['left', 'removed', 'banned'].includes(change)) isIn = false;
      }
      return { entries, his };
    };
    const truth = (id: string) => truths.get(id) as Awaited<ReturnType<typeof read>>;
    const seqsOf = (entries: readonly HistoryEntry[]) => entries.map(({ seq }) => seq);
    const except = (entries: readonly HistoryEntry[], sender: string) =>
      entries.filter((entry) => (entry as Partial<ChatMessage>).from !== sender);

    it('stores every journal without a hole', async () => {
      for (const id of acts.keys()) {
        const { entries } = truth(id);
        expect(seqsOf(entries)).toEqual(entries.map((_, index) => index + 1));
      }
    });

    it('brings each device what is his, once and in order: live, stopped for a while, and away', async () => {
      const wanted = new Map<string, readonly number[]>();
      for (const id of acts.keys()) wanted.set(id, seqsOf(truth(id).his));
      await stopped.until(() => [...wanted].every(([id, seqs]) => stopped.of(id).length >= seqs.length));
      await stopped.settle();
      for (const [id, seqs] of wanted) {
        const brought = { live: live.of(id), stopped: stopped.of(id), late: late.of(id) };
        const what = acts.get(id);
        expect({ id, what, ...brought }).toEqual({ id, what, live: seqs, stopped: seqs, late: seqs });
        // What he sent himself comes back to the device only if that had to be brought up from the journal.
        const others = seqsOf(except(truth(id).his, 'vic'));
        expect(others.filter((seq) => !sending.of(id).includes(seq))).toEqual([]);
        expect(sending.of(id).filter((seq) => !seqs.includes(seq))).toEqual([]);
      }
    });

    it('gives the history that is his, neither more nor less', async () => {
      for (const [id, what] of acts) {
        const { his, entries } = truth(id);
        const history = seqsOf(await wholeHistory(live.wire, id));
        expect({ id, what, history }).toEqual({
          id,
          what,
          history: seqsOf(what === 'joinAll' ? entries : his),
        });
      }
    });

    it('takes his messages up to the act and refuses those after it, each with its reason', async () => {
      for (const [id, what] of acts) {
        const { entries } = truth(id);
        const mine = entries.filter((entry) => (entry as Partial<ChatMessage>).from === 'vic');
        const told = answers.get(id) ?? [];
        const reason = what === 'mute' || what === 'dissolve' ? 'refused' : 'not_found';
        expect({ id, what, ok: told.filter((code) => code === 'ok').length }).toEqual({
          id,
          what,
          ok: mine.length,
        });
        expect(told.filter((code) => code !== 'ok' && code !== reason)).toEqual([]);
        const muted = entries.find((entry) => isChange(entry) && entry.change === 'muted')?.seq ?? Infinity;
        expect(mine.filter(({ seq }) => seq > muted)).toEqual([]);
        const end = entries.findIndex((entry) => isChange(entry) && entry.change === 'dissolved');
        expect(end < 0 ? [] : entries.slice(end + 1)).toEqual([]);
      }
    });
  });

  it(
    `has one owner and nothing done without the right, in ${STRIFES} groups full of rivals`,
    async () => {
      const users = ['r0', 'r1', 'r2', 'r3', 'r4'];
      const devices = await Promise.all(users.map((user) => GroupDevice.connect(server, user, user)));
      const strife = async (index: number): Promise<void> => {
        const conversation = `s${index}`;
        await make(conversation, 'r0', users.slice(1), { history: 'all' });
        const boss = devices[0]?.wire as Wire;
        for (const user of ['r1', 'r2']) await boss.call('group.role', { conversation, user, role: 'admin' });
        const steps = Array.from({ length: 24 }, () => {
          const { wire } = random.of(devices);
          const user = random.of(users);
          const about = { conversation, users: [user] };
          return random.of([
            () => wire.call('group.transfer', { conversation, user }),
            () =>
              wire.call('group.role', { conversation, user, role: random.of(['admin', 'member'] as const) }),
            () => wire.call('group.remove', about),
            () => wire.call('group.ban', about),
            () => wire.call('group.leave', { conversation }),
            () => wire.call('group.join', { conversation }),
          ]);
        });
        const codes = await Promise.all(steps.map((step) => codeOf(step())));
        expect(
          codes.filter((code) => !['ok', 'forbidden', 'not_found', 'refused', 'conflict'].includes(code)),
        ).toEqual([]);
        const probe = await api(server, 'GET', `/api/v1/groups/${conversation}`, { user: 'stranger' });
        // The last one has left.
        if (probe.status === 404) return;
        const owner = devices[users.indexOf(probe.json.owner)]?.wire as Wire;
        const { members } = await owner.call('group.members', { conversation });
        const roles = new Map(members.map(({ user, role }) => [user, role]));
        expect([...roles.values()].filter((role) => role === 'owner')).toHaveLength(1);
        expect([roles.get(probe.json.owner), probe.json.members]).toEqual(['owner', roles.size]);
        const entries = (await wholeHistory(owner, conversation)).filter(isChange);
        expect(replayed(entries)).toEqual(roles);
      };
      await inParallel(STRIFES, strife);
    },
    TIMEOUT,
  );
});

/** Who has which role at the end, if everything was done by who might do it; an oracle apart from the server's rules. */
function replayed(entries: readonly GroupChange[]): Map<string, GroupRole> {
  const roles = new Map<string, GroupRole>();
  const rank = (user: string): number => ['member', 'admin', 'owner'].indexOf(roles.get(user) ?? '');
  const wrong = (entry: GroupChange): never => {
    throw new Error(`Without the right: ${JSON.stringify(entry)} of ${JSON.stringify([...roles])}`);
  };
  for (const entry of entries) {
    const { change, by, users = [], role } = entry;
    const [user = ''] = users;
    if (change === 'created') roles.set(by, 'owner');
    else if (change === 'joined') for (const each of users) roles.set(each, roles.get(each) ?? 'member');
    else if (change === 'left') {
      if (rank(by) < 0 || rank(by) === 2) wrong(entry);
      roles.delete(by);
    } else if (change === 'removed' || change === 'banned') {
      if (rank(by) < 1 || rank(by) <= rank(user)) wrong(entry);
      roles.delete(user);
    } else if (change === 'role') {
      if (rank(by) !== 2 || rank(user) < 0) wrong(entry);
      roles.set(user, role ?? 'member');
    } else if (change === 'transferred') {
      if (rank(by) !== 2 || rank(user) < 0) wrong(entry);
      roles.set(by, 'admin').set(user, 'owner');
    } else wrong(entry);
  }
  return roles;
}
