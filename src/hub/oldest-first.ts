import type { Entry } from '../journal/index.js';

/** How far a conversation has been brought. */
export interface Progress {
  /** The last entry that was brought. */
  after: number;
  /** The last one that has to be. */
  backlog: number;
}

interface Part<P> {
  readonly conversation: string;
  readonly progress: P;
  /** Of the next entry; of one that is no later, while the next is not known. */
  time: number;
  /** Read, and not all of them brought yet. */
  ahead: readonly Entry[];
  /** The next one of them. */
  at: number;
  /** Characters of JSON that were kept when it was looked at last. */
  size: number;
}

/** Characters of JSON that are kept while entries of other conversations are brought: as much as waits in the socket. */
const AHEAD_SIZE = 128 * 1024;
const NONE: readonly Entry[] = [];

/**
 * The backlogs of several conversations as one, the oldest entry first; within a conversation always by its sequence. It
 * asks for what has to be read next, and keeps a little of what was read.
 */
export class OldestFirst<P extends Progress> {
  /** The one whose turn it is comes last. */
  private readonly parts: Part<P>[] = [];

  constructor(backlogs: Iterable<readonly [conversation: string, progress: P]>) {
    for (const [conversation, progress] of backlogs)
      if (progress.backlog > progress.after)
        this.parts.push({ conversation, progress, time: -Infinity, ahead: NONE, at: 0, size: 0 });
  }

  /** Conversations of which something has to be brought. */
  get size(): number {
    return this.parts.length;
  }

  /** The conversation that has to be read on, to be handed to {@link took}, before it is known what comes next. */
  get unread(): { conversation: string; progress: P } | undefined {
    const part = this.parts.at(-1);
    return part && part.ahead === NONE ? part : undefined;
  }

  /** Entries of the {@link unread} conversation from its place on; none: there is nothing up to the end of its backlog. */
  took(entries: readonly Entry[]): void {
    const part = this.parts.pop();
    const [next] = entries;
    if (!part) return;
    if (!next) return void (part.progress.after = Math.max(part.progress.after, part.progress.backlog));
    part.ahead = entries;
    part.at = 0;
    this.place(part, next.time);
    this.keepLittle(part);
  }

  /** The entry whose turn it is, and its conversation's progress; undefined: there is none, or something is {@link unread}. */
  get next(): { entry: Entry; progress: P } | undefined {
    const part = this.parts.at(-1);
    const entry = part?.ahead[part.at];
    return part && entry && { entry, progress: part.progress };
  }

  /** The {@link next} one was brought, and its conversation's progress says so. */
  brought(): void {
    const part = this.parts.pop();
    if (!part || part.progress.after >= part.progress.backlog) return;
    const next = part.ahead[++part.at];
    if (!next) part.ahead = NONE;
    this.place(part, next?.time ?? part.time);
  }

  /** Forgets what was read: for a while nothing can be brought. */
  forget(): void {
    for (const part of this.parts) part.ahead = NONE;
  }

  /** Before those that are later, and also where another one has the same time: so that no conversation is left without need. */
  private place(part: Part<P>, time: number): void {
    part.time = time;
    let low = 0;
    let high = this.parts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.parts[middle] as Part<P>).time >= time) low = middle + 1;
      else high = middle;
    }
    this.parts.splice(low, 0, part);
  }

  /** What comes last is forgotten first. */
  private keepLittle(latest: Part<P>): void {
    if (this.parts.length === 1) return;
    latest.size = latest.ahead.reduce((sum, { body }) => sum + JSON.stringify(body ?? null).length, 0);
    let total = this.parts.reduce((sum, { ahead, size }) => sum + (ahead === NONE ? 0 : size), 0);
    for (const part of this.parts) {
      if (total <= AHEAD_SIZE) return;
      if (part.ahead === NONE || part === this.parts.at(-1)) continue;
      total -= part.size;
      part.ahead = NONE;
    }
  }
}
