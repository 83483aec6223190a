import type { Entry, ReadRange } from '../journal/index.js';
import type { HubEvent } from './hub-event.js';

/** Entries of a block, which begins after a multiple of it. */
const BLOCK = 100;
/** Characters of JSON, 8 MiB; a block is about twice that in memory, for it is kept parsed and encoded. */
const KEPT_SIZE = 8 * 1024 ** 2;
/** Blocks of which it is known that they were read once. */
const NOTED_BLOCKS = 1000;
/** Milliseconds without a reader after which nothing is kept. */
const IDLE_TIME = 5000;

interface Block {
  entries: readonly Entry[];
  size: number;
}

/** Where pages come from, and the event an entry is on the wire. */
export interface PageSource {
  read(conversation: string, range: ReadRange): Promise<Entry[]>;
  present(entry: Entry): HubEvent | undefined;
}

/**
 * What many connections re-read at the same time, read and encoded once for all of them: an entry never changes, and
 * its number is its place. A block is kept when it is asked for a second time, so a lone reader pays nothing for it.
 */
export class SharedPages implements PageSource {
  /** The one that was not used for longest comes first. */
  private readonly blocks = new Map<string, Block>();
  private size = 0;
  private readonly noted = new Set<string>();
  private readonly events = new WeakMap<Entry, HubEvent>();
  private idle?: NodeJS.Timeout;

  constructor(private readonly source: PageSource) {}

  /** At most `limit` entries after a number: fewer when they are shared, and none only at the end. */
  async read(conversation: string, range: ReadRange): Promise<Entry[]> {
    const { after = 0, limit } = range;
    const first = Math.floor(after / BLOCK) * BLOCK;
    const key = `${first} ${conversation}`;
    const kept = this.blocks.get(key);
    if (!kept && this.note(key)) return this.source.read(conversation, range);
    const entries = kept ? this.use(key, kept) : await this.fill(key, conversation, first);
    return entries.slice(after - first, after - first + limit);
  }

  present(entry: Entry): HubEvent | undefined {
    return this.events.get(entry) ?? this.source.present(entry);
  }

  /** Whether it is asked for the first time. */
  private note(key: string): boolean {
    if (this.noted.delete(key)) return false;
    this.noted.add(key);
    for (const oldest of this.noted) {
      if (this.noted.size <= NOTED_BLOCKS) break;
      this.noted.delete(oldest);
    }
    return true;
  }

  private use(key: string, block: Block): readonly Entry[] {
    this.blocks.delete(key);
    this.blocks.set(key, block);
    this.idle?.refresh();
    return block.entries;
  }

  private async fill(key: string, conversation: string, first: number): Promise<readonly Entry[]> {
    const entries = await this.source.read(conversation, { after: first, limit: BLOCK });
    if (entries.length === BLOCK) this.keep(key, entries);
    return entries;
  }

  private keep(key: string, entries: readonly Entry[]): void {
    const size = entries.reduce((sum, { body }) => sum + JSON.stringify(body ?? null).length, 0);
    if (size > KEPT_SIZE || this.blocks.has(key)) return;
    for (const entry of entries) {
      const event = this.source.present(entry);
      if (event) this.events.set(entry, event);
    }
    this.blocks.set(key, { entries, size });
    this.size += size;
    for (const [oldest, block] of this.blocks) {
      if (this.size <= KEPT_SIZE) break;
      this.blocks.delete(oldest);
      this.size -= block.size;
    }
    this.idle ??= setTimeout(() => this.forget(), IDLE_TIME).unref();
    this.idle.refresh();
  }

  private forget(): void {
    this.blocks.clear();
    this.noted.clear();
    this.size = 0;
    this.idle = undefined;
  }
}
