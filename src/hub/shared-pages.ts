import type { Entry, ReadRange, Visibility } from '../journal/index.js';
import type { HubEvent } from './hub-event.js';

/** Entries of a block, which begins after a multiple of it: few, for of big ones few are asked for at a time. */
const BLOCK = 16;
/** Characters of JSON, 8 MiB; a block is about twice that in memory, for it is kept parsed and encoded. */
export const KEPT_SIZE = 8 * 1024 ** 2;
/** Blocks of which it is known how far they were read. */
const NOTED_BLOCKS = 1000;
/**
 * Milliseconds. What is kept is no older than a page that was read that long ago and is still on its way: so a body
 * replaced without this node's knowledge, or a notification past its time, is shown hardly later than it could be anyway.
 */
const LIFETIME = 1000;

interface Block {
  entries: readonly Entry[];
  size: number;
  readAt: number;
}

/** Where pages come from, and the event an entry is on the wire. */
export interface PageSource {
  read(conversation: string, range: ReadRange, user?: string): Promise<Entry[]>;
  visibility(
    user: string,
    conversation: string,
    stretch: { after: number; upTo: number },
  ): Promise<Visibility | undefined>;
  present(entry: Entry): HubEvent | undefined;
}

/**
 * What many connections re-read at the same time, read and encoded once for all of them. A block is kept when somebody
 * asks for what was read before, so a lone reader pays nothing for it, and is forgotten when a body in its conversation is
 * replaced.
 */
export class SharedPages {
  /** The oldest comes first. */
  private readonly blocks = new Map<string, Block>();
  /** The place that was asked for last, by block. */
  private readonly noted = new Map<string, number>();
  private readonly events = new WeakMap<Entry, HubEvent>();
  private kept = 0;
  /** Pages read before the last time something was forgotten are not kept. */
  private age = 0;
  private sweeper?: NodeJS.Timeout;

  constructor(private readonly source: PageSource) {}

  /** Characters kept. */
  get size(): number {
    return this.kept;
  }

  /** At most `limit` entries after a number, for a user: fewer when they are shared, and none only at the end. */
  async read(conversation: string, range: ReadRange, user?: string): Promise<Entry[]> {
    const { after = 0, limit } = range;
    const page =
      this.keptPage(conversation, after, limit) ?? (await this.newPage(conversation, after, limit));
    const last = page?.at(-1);
    if (!page || !last) return this.source.read(conversation, range, user);
    if (user === undefined) return page;
    const visibility = await this.source.visibility(user, conversation, { after, upTo: last.seq });
    const visible = visibility ? page.filter(({ seq }) => isVisible(seq, visibility)) : [];
    if (visible.length > 0) return visible;
    return this.source.read(conversation, { after: last.seq, limit }, user);
  }

  present(entry: Entry): HubEvent | undefined {
    return this.events.get(entry) ?? this.source.present(entry);
  }

  /** A body was replaced: nothing of the conversation may be shown again as it was. */
  forget(conversation: string): void {
    this.age++;
    for (const key of this.blocks.keys()) if (key.endsWith(` ${conversation}`)) this.drop(key);
  }

  /** What is kept without a hole; undefined: nothing of it. */
  private keptPage(conversation: string, after: number, limit: number): Entry[] | undefined {
    const page: Entry[] = [];
    const now = Date.now();
    for (let first = blockOf(after); page.length < limit; first += BLOCK) {
      const kept = this.blocks.get(keyOf(conversation, first));
      if (!kept || now - kept.readAt >= LIFETIME) break;
      page.push(...kept.entries.slice(Math.max(0, after - first), after + limit - first));
    }
    return page.length > 0 ? page : undefined;
  }

  /** Whole blocks are read, and kept; undefined: nobody else has asked for it so far. */
  private async newPage(conversation: string, after: number, limit: number): Promise<Entry[] | undefined> {
    const first = blockOf(after);
    if (this.isFirst(keyOf(conversation, first), after)) return undefined;
    const { age } = this;
    const readAt = Date.now();
    const end = blockOf(after + limit - 1) + BLOCK;
    const entries = await this.source.read(conversation, { after: first, limit: end - first });
    if (age === this.age)
      for (let at = 0; at + BLOCK <= entries.length; at += BLOCK)
        this.keep(keyOf(conversation, first + at), entries.slice(at, at + BLOCK), readAt);
    return entries.slice(after - first, after - first + limit);
  }

  /** Whoever asks further on in a block is mostly the same as before. */
  private isFirst(key: string, after: number): boolean {
    const before = this.noted.get(key);
    this.noted.delete(key);
    this.noted.set(key, after);
    for (const oldest of this.noted.keys()) {
      if (this.noted.size <= NOTED_BLOCKS) break;
      this.noted.delete(oldest);
    }
    return before === undefined || after > before;
  }

  private keep(key: string, entries: readonly Entry[], readAt: number): void {
    const size = entries.reduce((sum, { body }) => sum + JSON.stringify(body ?? null).length, 0);
    if (size > KEPT_SIZE) return;
    for (const entry of entries) {
      const event = this.source.present(entry);
      if (event) this.events.set(entry, event);
    }
    this.drop(key);
    this.blocks.set(key, { entries, size, readAt });
    this.kept += size;
    for (const oldest of this.blocks.keys()) {
      if (this.kept <= KEPT_SIZE) break;
      this.drop(oldest);
    }
    this.sweeper ??= setTimeout(() => this.sweep(), LIFETIME).unref();
  }

  private drop(key: string): void {
    this.kept -= this.blocks.get(key)?.size ?? 0;
    this.blocks.delete(key);
  }

  private sweep(): void {
    const now = Date.now();
    for (const [key, { readAt }] of this.blocks) if (now - readAt >= LIFETIME) this.drop(key);
    this.sweeper = this.blocks.size > 0 ? setTimeout(() => this.sweep(), LIFETIME).unref() : undefined;
  }
}

const blockOf = (after: number): number => Math.floor(after / BLOCK) * BLOCK;

const keyOf = (conversation: string, first: number): string => `${first} ${conversation}`;

function isVisible(seq: number, { joined, left, hidden }: Visibility): boolean {
  return seq > joined && (left === null || seq <= left) && !hidden.has(seq);
}
