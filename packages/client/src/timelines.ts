import type { ChatMessage, Commands, Position } from '@rookery/protocol';
import type { Entry } from './entry.js';
import { GapFiller } from './gap-filler.js';
import type { RookeryError } from './rookery-error.js';
import { Timeline } from './timeline.js';

type History = Commands['chat.history']['reply'];

/** What is kept in the storage: where each conversation of a user has come to. */
export interface SavedCursors {
  user: string;
  positions: Record<string, number>;
}

export interface TimelinesPort {
  history(conversation: string, after: number): Promise<History>;
  /** Resolves after a wait that grows with `attempt`, and is at least `retryAfter` seconds. */
  pause(attempt: number, retryAfter?: number): Promise<void>;
  /** Whether something of our own may be stored in the conversation of this entry, and its number is still to come. */
  mayLack(entry: Entry): boolean;
  /** Called for every entry once, in the order of its conversation. */
  emit(entry: Entry): void;
  /** Everything up to here has been emitted, and may be marked. */
  onMoved(conversation: string, position: number): void;
  onError(error: RookeryError): void;
}

/** All conversations: de-duplicated, in order, and their holes read from the history. */
export class Timelines {
  private readonly timelines = new Map<string, Timeline>();
  private readonly filler: GapFiller;
  private saved?: SavedCursors;
  private user?: string;
  /** The backlog of this connection is through: from here on a number that is missing is a hole. */
  private settled = false;

  constructor(private readonly port: TimelinesPort) {
    this.filler = new GapFiller({
      read: (conversation, after) => port.history(conversation, after),
      pause: (attempt, retryAfter) => port.pause(attempt, retryAfter),
      timeline: (conversation) => (this.settled ? this.timelines.get(conversation) : undefined),
      onEntries: (conversation, entries) => this.moved(conversation, entries),
      onError: (error) => port.onError(error),
    });
  }

  restore(saved: SavedCursors | undefined): void {
    this.saved = saved;
  }

  /** To be kept; what is uncertain is not, so that it is asked for again. */
  cursors(): SavedCursors | undefined {
    if (this.user === undefined) return this.saved;
    const certain = [...this.timelines].filter(([, { uncertain }]) => !uncertain);
    const positions = certain.map(([conversation, { position = 0 }]) => [conversation, position] as const);
    return { user: this.user, positions: Object.fromEntries(positions) };
  }

  /** After a hello. Another user than before has nothing here. */
  greeted(user: string): void {
    this.settled = false;
    if (user === this.user) return;
    this.user = user;
    this.timelines.clear();
    const known = this.saved?.user === user ? this.saved.positions : {};
    for (const [conversation, position] of Object.entries(known))
      this.timelines.set(conversation, new Timeline(position));
  }

  lost(): void {
    this.settled = false;
  }

  synced(): void {
    this.settled = true;
    for (const [conversation, timeline] of this.timelines) this.moved(conversation, timeline.settle());
  }

  push(entry: Entry): void {
    const { conversation } = entry.data;
    const timeline = this.at(conversation);
    const waits = timeline.position === undefined && this.port.mayLack(entry);
    this.moved(conversation, timeline.push(entry, waits));
  }

  /** An own message that the server has confirmed on this connection. */
  acknowledge(data: ChatMessage): void {
    const { conversation } = data;
    const entry: Entry = { event: 'chat.message', data };
    this.moved(conversation, this.at(conversation).acknowledge(entry, this.settled));
    this.release();
  }

  /** Something of our own that the server has confirmed on this connection, and whose entry it does not push to us. */
  expect({ conversation, seq }: Position): void {
    this.moved(conversation, this.at(conversation).expect(seq, this.settled));
  }

  /** An own message has its number, or will have none: what waited for it may begin. */
  release(): void {
    for (const [conversation, timeline] of this.timelines)
      if (timeline.waiting && !this.port.mayLack(timeline.waiting))
        this.moved(conversation, timeline.begin());
  }

  /** From `chat.sync`: what came to other devices only shows here. */
  knowsHead(conversation: string, head: number): void {
    const timeline = this.timelines.get(conversation);
    timeline?.knowsHead(head);
    if (timeline) this.moved(conversation, []);
  }

  private at(conversation: string): Timeline {
    let timeline = this.timelines.get(conversation);
    if (!timeline) this.timelines.set(conversation, (timeline = new Timeline()));
    return timeline;
  }

  private moved(conversation: string, entries: readonly Entry[]): void {
    const timeline = this.at(conversation);
    for (const entry of entries) this.port.emit(entry);
    if (timeline.position && !timeline.uncertain) this.port.onMoved(conversation, timeline.position);
    if (this.settled && timeline.hasHole) this.filler.add(conversation);
  }
}
