import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Backlog, Entry } from '../journal/index.js';
import { DurableStream, type DurableSink, type DurableSource } from './durable-stream.js';
import { HubEvent } from './hub-event.js';

const entryOf = (conversation: string, seq: number, time = 0): Entry => ({
  conversation,
  seq,
  type: 'message',
  sender: 'a',
  clientId: String(seq),
  body: seq,
  time,
});
const eventOf = (entry: Entry): HubEvent => new HubEvent('chat.message', entry);

/** A journal that answers when the scheduler says so, and a socket with room for a few events at a time. */
class World implements DurableSource, DurableSink {
  readonly userId = 'u';
  readonly principal = { roles: [] };
  closed = false;
  carries = (): boolean => true;
  readonly written: Entry[] = [];
  readonly journal = new Map<string, Entry[]>();
  readonly moved = new Map<string, number>();
  readonly settled: string[] = [];
  clock = 0;
  private space = 2;
  private waiting: (() => void)[] = [];
  readonly stream = new DurableStream(this, this);

  constructor(
    private readonly scheduler: fc.Scheduler,
    private readonly from: Record<string, number>,
    readonly oldestFirst = false,
  ) {}

  /** Commit, and a moment later the fan-out: what is read in between is in the journal but not yet offered. */
  async append(conversation: string): Promise<void> {
    await this.scheduler.schedule(Promise.resolve(), 'commit');
    const entry = this.commit(conversation);
    this.fanOut = this.fanOut
      .then(() => this.scheduler.schedule(Promise.resolve(), 'fan-out'))
      .then(() => this.stream.offer(entry, eventOf(entry)));
    await this.fanOut;
  }
  /** A client that comes while these are sent, until all is brought. */
  async run(sends: readonly string[]): Promise<void> {
    this.stream.hold();
    const catchUp = this.stream.catchUp();
    const sending = sends.map((name) => this.append(name));
    await this.scheduler.waitFor(Promise.all([catchUp, ...sending]));
    while (this.stream.behind > 0)
      await (this.scheduler.count() > 0 ? this.scheduler.waitOne() : new Promise(setImmediate));
  }
  commit(conversation: string): Entry {
    const entries = this.journal.get(conversation) ?? [];
    const entry = entryOf(conversation, entries.length + 1, this.clock);
    this.journal.set(conversation, [...entries, entry]);
    this.moved.set(conversation, this.clock++);
    return entry;
  }
  private fanOut: Promise<void> = Promise.resolve();

  async read(
    conversation: string,
    { after = 0, limit }: { after?: number; limit: number },
  ): Promise<Entry[]> {
    const found = (this.journal.get(conversation) ?? []).slice(after, after + Math.min(limit, 3));
    await this.scheduler.schedule(Promise.resolve(), 'read');
    return found;
  }

  /** One conversation a page, the longest unmoved first: one that moves meanwhile turns up again. */
  async backlog(_user: string, _device: string | undefined, { cursor }: { cursor?: string }) {
    const unread = Object.keys(this.from)
      .map((name) => ({ name, head: this.journal.get(name)?.length ?? 0, time: this.moved.get(name) ?? 0 }))
      .filter(({ name, head, time }) => head > (this.from[name] ?? 0) && time > Number(cursor ?? -1))
      .sort((a, b) => a.time - b.time);
    const items: Backlog[] = unread
      .slice(0, 1)
      .map(({ name, head, time }) => ({ conversation: name, after: this.from[name] ?? 0, head, time }));
    await this.scheduler.schedule(Promise.resolve(), 'backlog');
    return { items, next: unread.length > 1 ? String(unread[0]?.time) : null };
  }

  settleOwn = (_sink: DurableSink, conversation: string, seq: number): void => {
    this.settled.push(`${conversation} ${seq}`);
  };

  present = eventOf;
  onPageRead = (): void => undefined;
  async background<T>(slice: () => Promise<T>): Promise<T> {
    await this.scheduler.schedule(Promise.resolve(), 'turn');
    return slice();
  }
  flush = (): void => undefined;

  tryDurable(event: HubEvent): boolean {
    if (this.space === 0) return false;
    this.space--;
    this.written.push(event.data as Entry);
    return true;
  }

  get isFull(): boolean {
    return this.space === 0;
  }

  tryReplayed = (event: HubEvent): boolean => this.tryDurable(event);

  replayRoom(): Promise<void> | undefined {
    if (this.space > 0) return undefined;
    return new Promise<void>((resolve) => {
      this.waiting.push(resolve);
      void this.scheduler.schedule(Promise.resolve(), 'drain').then(() => this.drain());
    });
  }

  drain(): void {
    this.space = 4;
    const waiting = this.waiting;
    this.waiting = [];
    for (const wake of waiting) wake();
  }
}

const conversations = ['a', 'b', 'c'];

describe(DurableStream.name, () => {
  it('brings every entry once and in order, whatever the interleaving of commits, reads, fan-out and drains', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom(...conversations), { maxLength: 40 }),
        fc.nat({ max: 10 }),
        fc.boolean(),
        async (scheduler, sends, before, oldestFirst) => {
          const from = { a: 0, b: Math.min(1, before), c: Math.min(2, before) };
          const world = new World(scheduler, from, oldestFirst);
          for (const name of conversations) for (let seq = 1; seq <= before; seq++) world.commit(name);
          await world.run(sends);
          for (const [name, start] of Object.entries(from)) {
            const owed = (world.journal.get(name) ?? []).map(({ seq }) => seq).filter((seq) => seq > start);
            expect(
              world.written.filter((entry) => entry.conversation === name).map(({ seq }) => seq),
            ).toEqual(owed);
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it('brings what was there before oldest first, over all conversations, where that is wanted', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom(...conversations), { maxLength: 40 }),
        fc.array(fc.constantFrom(...conversations), { maxLength: 10 }),
        async (scheduler, before, sends) => {
          const world = new World(scheduler, { a: 0, b: 1, c: 2 }, true);
          for (const name of before) world.commit(name);
          const start = world.clock;
          const owed = [...world.journal.values()].flat().filter(({ conversation, seq }) => {
            return seq > ({ a: 0, b: 1, c: 2 }[conversation] ?? 0);
          });
          await world.run(sends);
          const times = world.written.map(({ time }) => time).filter((time) => time < start);
          expect(times).toEqual(owed.map(({ time }) => time).sort((a, b) => a - b));
        },
      ),
      { numRuns: 300 },
    );
  });

  it('holds positions, not messages, while the socket does not drain', async () => {
    const world = new World(fc.schedulerFor([]), {});
    world.replayRoom = () => new Promise(() => undefined);
    for (let seq = 1; seq <= 10_000; seq++) world.stream.offer(entryOf('a', seq), eventOf(entryOf('a', seq)));
    expect(world.written).toHaveLength(2);
    expect(world.stream.behind).toBe(1);
  });
});
