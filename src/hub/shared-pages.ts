import type { Entry, ReadRange, Visibility } from '../journal/index.js';
import type { HubEvent } from './hub-event.js';

/** Entries of a block, which begins after a multiple of it. */
const BLOCK = 100;
/** Characters of JSON, 8 MiB; a block is about twice that in memory, for it is kept parsed and encoded. */
export const KEPT_SIZE = 8 * 1024 ** 2;
/** Blocks of which it is known that they were read once. */
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
 * What many connections re-read at the same time, read and encoded once for all of them. A block is kept when it is asked
 * for a second time, so a lone reader pays nothing for it, and is forgotten when a body in its conversation is replaced.
 */
export class SharedPages {
  /** The oldest comes first. */
  private readonly blocks = new Map<string, Block>();
  private readonly noted = new Set<string>();
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
    const first = Math.floor(after / BLOCK) * BLOCK;
    const block = await this.block(conversation, first);
    const page = block?.slice(after - first, after - first + limit) ?? [];
    const last = page.at(-1);
    if (!last) return this.source.read(conversation, range, user);
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

  /** Undefined: asked for only once so far. */
  private async block(conversation: string, first: number): Promise<readonly Entry[] | undefined> {
    const key = `${first} ${conversation}`;
    const kept = this.blocks.get(key);
    if (kept && Date.now() - kept.readAt < LIFETIME) return kept.entries;
    if (!kept && this.isFirst(key)) return undefined;
    const { age } = this;
    const readAt = Date.now();
    const entries = await this.source.read(conversation, { after: first, limit: BLOCK });
    if (entries.length === BLOCK && age === this.age) this.keep(key, entries, readAt);
    return entries;
  }

  private isFirst(key: string): boolean {
    if (this.noted.delete(key)) return false;
    this.noted.add(key);
    for (const oldest of this.noted) {
      if (this.noted.size <= NOTED_BLOCKS) break;
      this.noted.delete(oldest);
    }
    return true;
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

function isVisible(seq: number, { joined, left, hidden }: Visibility): boolean {
  return seq > joined && (left === null || seq <= left) && !hidden.has(seq);
}
