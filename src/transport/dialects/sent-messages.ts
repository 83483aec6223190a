import type { ChatReceipt } from '@rookery/protocol';
import type { GivenId } from './client-id.js';
import { RECENT_IDS } from './recent-ids.js';

type Kind = ChatReceipt['kind'];
type Cursors = Record<Kind, number>;

interface Sent {
  seq: number;
  id: GivenId;
  delivered: boolean;
}

/** The user's own messages in one conversation. */
interface Track {
  /** In the order of their places; what was read is gone. */
  messages: Sent[];
  /** How far the other one had come when this began, and what was told since. Undefined: not known. */
  told: Partial<Cursors>;
  /** Own messages from here on are known. */
  from: number;
}

/**
 * Which of a user's messages a receipt is about: receipts say "up to here", older protocols want to be told each by its
 * id. Bounded: of what is forgotten, nothing is told.
 */
export class SentMessages {
  /** The conversation longest quiet first. */
  private readonly tracks = new Map<string, Track>();
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** What the cursors of the other one were at the beginning; later knowledge is better. */
  begin(conversation: string, cursors: Cursors): void {
    const track = this.tracks.get(conversation);
    if (track) track.told = { ...cursors, ...track.told };
    else if (this.tracks.size < RECENT_IDS)
      this.tracks.set(conversation, { messages: [], told: { ...cursors }, from: Infinity });
  }

  add(conversation: string, seq: number, id: GivenId): void {
    const track = this.tracks.get(conversation) ?? { messages: [], told: {}, from: Infinity };
    this.tracks.delete(conversation);
    this.tracks.set(conversation, track);
    track.from = Math.min(track.from, seq);
    if (seq <= (track.told.read ?? 0)) return;
    const index = track.messages.findLastIndex((message) => message.seq <= seq);
    if (track.messages[index]?.seq === seq) return;
    track.messages.splice(index + 1, 0, { seq, id, delivered: seq <= (track.told.delivered ?? 0) });
    this.count++;
    while (this.count > RECENT_IDS) this.forgetOldest();
  }

  /** After which place messages have to be looked up before a receipt can be told; undefined: none. */
  unknownBelow(conversation: string, kind: Kind, seq: number): number | undefined {
    const track = this.tracks.get(conversation);
    const told = track?.told[kind];
    if (!track || told === undefined || told >= seq) return undefined;
    return Math.min(track.from, seq + 1) > told + 1 ? told : undefined;
  }

  /** The ids of those that a receipt makes delivered or read, once each. */
  take(conversation: string, kind: Kind, seq: number): GivenId[] {
    const track = this.tracks.get(conversation);
    if (!track) return [];
    track.told[kind] = Math.max(track.told[kind] ?? 0, seq);
    track.from = Math.min(track.from, seq + 1);
    const reached = track.messages.filter((message) => message.seq <= seq);
    if (kind === 'read') return this.drop(track, reached.length).map(({ id }) => id);
    const fresh = reached.filter(({ delivered }) => !delivered);
    for (const message of fresh) message.delivered = true;
    return fresh.map(({ id }) => id);
  }

  private drop({ messages }: Track, length: number): Sent[] {
    this.count -= length;
    return messages.splice(0, length);
  }

  private forgetOldest(): void {
    for (const [conversation, track] of this.tracks) {
      if (track.messages.length === 0) this.tracks.delete(conversation);
      else return void this.drop(track, 1);
    }
  }
}
