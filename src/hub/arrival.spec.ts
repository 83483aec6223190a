import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { EventBus } from '../common/index.js';
import type { AppConfig } from '../config/index.js';
import type {
  Arrival,
  Backlog,
  Committed,
  Entry,
  JournalService,
  Page,
  ReadRange,
} from '../journal/index.js';
import { Metrics } from '../metrics/index.js';
import { Connection, type ConnectionOptions } from './connection.js';
import { EventPresenters } from './event-presenters.js';
import { HubService } from './hub.service.js';
import { MembershipEffects } from './membership-effects.js';

/** A journal of groups that answers, and tells of commits, when the scheduler says so. */
class World {
  readonly hub: HubService;
  /** By device. */
  readonly written: Record<string, string[]> = {};
  readonly entries: Record<string, Entry[]> = { team: [], club: [], den: [] };
  private readonly members = new Set(['team']);
  private tell: (committed: Committed) => void = () => undefined;
  private batchTold = (): void => undefined;
  private told: Promise<unknown> = Promise.resolve();

  constructor(private readonly scheduler: fc.Scheduler) {
    const presenters = new EventPresenters();
    for (const type of ['message', 'join'])
      presenters.register(type, ({ conversation, seq }) => ({ type, data: `${conversation} ${seq}` }));
    const effects = new MembershipEffects();
    effects.register('join', () => ({ joined: ['bob'] }));
    const config = { ws: { sessionPolicy: 'multi', maxConnections: 10 } } as unknown as AppConfig;
    this.hub = new HubService(config, this.journal(), presenters, effects, new Metrics(), new EventBus());
    this.hub.onModuleInit();
  }

  connect(device: string): Connection {
    const written: string[] = (this.written[device] = []);
    const connection = new Connection({
      id: device,
      principal: { userId: 'bob', roles: [] },
      device,
      sync: 'push',
      codec: { name: 'text', encode: ({ data }: { data: string }) => Buffer.from(data) },
      outlet: {
        open: true,
        bufferedBytes: 0,
        write: (bytes: Buffer) => void written.push(bytes.toString()),
        writeAll: (frames: Buffer[]) => void written.push(...frames.map(String)),
        endTurn: () => undefined,
        close: () => undefined,
      },
      ip: '::1',
      common: { budget: 1000, source: this.hub.source, fanOut: this.hub.fanOut, metrics: new Metrics() },
    } as unknown as ConnectionOptions);
    connection.hold();
    this.hub.register(connection);
    return connection;
  }

  /** A commit, and a moment later those who listen are told, in the order of the commits. */
  async append(conversation: string): Promise<void> {
    await this.scheduler.schedule(Promise.resolve(), 'commit');
    const known = this.entries[conversation] as Entry[];
    const type = this.members.has(conversation) ? 'message' : 'join';
    const entry = {
      conversation,
      seq: known.length + 1,
      type,
      sender: 'amy',
      clientId: '',
      body: 0,
      time: 0,
    };
    known.push(entry);
    this.members.add(conversation);
    this.told = this.told
      .then(() => this.scheduler.schedule(Promise.resolve(), 'fan-out'))
      .then(() => {
        this.tell({ entry });
        this.batchTold();
      });
    await this.told;
  }

  private backlog(): Page<Backlog> {
    const items = Object.entries(this.entries)
      .filter(([, { length }]) => length > 0)
      .map(([conversation, { length }]) => ({ conversation, after: 0, head: length, time: 0 }));
    return { items, next: null };
  }

  private journal(): JournalService {
    const answer = async <T>(found: T): Promise<T> => {
      await this.scheduler.schedule(Promise.resolve(), 'answer');
      return found;
    };
    return {
      onCommitted: (listener: (committed: Committed) => void) => (this.tell = listener),
      onBatchTold: (listener: () => void) => (this.batchTold = listener),
      onReplaced: () => undefined,
      groupsOf: () => answer([...this.members]),
      backlog: () => answer(this.backlog()),
      arrival: (): Promise<Arrival> => answer({ groups: [...this.members], backlog: this.backlog() }),
      read: (conversation: string, { after = 0, limit }: ReadRange) =>
        answer((this.entries[conversation] as Entry[]).slice(after, after + limit)),
      visibility: () => answer({ joined: 0, left: null, hidden: new Set() }),
      mark: () => Promise.resolve(),
    } as unknown as JournalService;
  }
}

describe('who comes', () => {
  it('is brought every entry of his groups once and in order, whatever is committed meanwhile', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.scheduler(),
        fc.array(fc.constantFrom('team', 'club', 'den'), { maxLength: 12 }),
        fc.boolean(),
        async (scheduler, sends, twice) => {
          const world = new World(scheduler);
          const connections = [world.connect('phone'), ...(twice ? [world.connect('tablet')] : [])];
          const coming = connections.map((each) => each.catchUp());
          const sending = sends.map((group) => world.append(group));
          await scheduler.waitFor(Promise.all([...coming, ...sending]));
          while (connections.some(({ behind }) => behind > 0))
            await (scheduler.count() > 0 ? scheduler.waitOne() : nextTurn());
          for (const [group, entries] of Object.entries(world.entries)) {
            const owed = entries.map(({ seq }) => `${group} ${seq}`);
            for (const written of Object.values(world.written))
              expect(written.filter((each) => each.startsWith(group))).toEqual(owed);
          }
        },
      ),
      { numRuns: 300 },
    );
  });
});
