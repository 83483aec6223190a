import type { ChatReceipt } from '@rookery/protocol';
import type { GivenId } from './client-id.js';
import { RECENT_IDS } from './recent-ids.js';

type Kind = ChatReceipt['kind'];
type Cursors = Record<Kind, number>;

/** An own message; its slot is written over by a later one. */
interface Sent {
  /** Undefined: it was read, and there is nothing more to tell of it. */
  conversation?: string;
  seq: number;
  id: GivenId;
  delivered: boolean;
}

/** What is known of the user's own messages in one conversation. */
interface Track {
  /** How far the other one had come when this began, and what was told since. Undefined: not known. */
  told: Partial<Cursors>;
  /** Own messages from here on are known. */
  from: number;
  /** The last place that was added. */
  last: number;
}

const newTrack = (told: Partial<Cursors>): Track => ({ told, from: Infinity, last: 0 });

/**
 * Which of a user's messages a receipt is about: receipts say "up to here", older protocols want to be told each by its
 * id. Bounded: of what is forgotten, nothing is told. Added to for every message, asked for each receipt: a ring, like
 * {@link RecentIds}.
 */
export class SentMessages {
  /** The conversation longest known first. */
  private readonly tracks = new Map<string, Track>();
  private readonly ring: Sent[] = [];
  private next = 0;

  get size(): number {
    return this.ring.length;
  }

  /** What the cursors of the other one were at the beginning; later knowledge is better. */
  begin(conversation: string, cursors: Cursors): void {
    const track = this.tracks.get(conversation);
    if (track) track.told = { ...cursors, ...track.told };
    else if (this.tracks.size < RECENT_IDS) this.tracks.set(conversation, newTrack({ ...cursors }));
  }

  add(conversation: string, seq: number, id: GivenId): void {
    const track = this.tracks.get(conversation) ?? this.track(conversation);
    if (seq < track.from) track.from = seq;
    const { read = 0, delivered = 0 } = track.told;
    if (seq <= read || (seq <= track.last && this.has(conversation, seq))) return;
    if (seq > track.last) track.last = seq;
    this.put(conversation, seq, id, seq <= delivered);
  }

  /** After which place messages have to be looked up before a receipt can be told; undefined: none. */
  unknownBelow(conversation: string, kind: Kind, seq: number): number | undefined {
    const track = this.tracks.get(conversation);
    const told = track?.told[kind];
    if (!track || told === undefined || told >= seq) return undefined;
    return Math.min(track.from, seq + 1) > told + 1 ? told : undefined;
  }

  /** The ids of those that a receipt makes delivered or read, once each, in the order of their places. */
  take(conversation: string, kind: Kind, seq: number): GivenId[] {
    const track = this.tracks.get(conversation);
    if (!track) return [];
    track.told[kind] = Math.max(track.told[kind] ?? 0, seq);
    track.from = Math.min(track.from, seq + 1);
    const fresh: Sent[] = [];
    for (const sent of this.ring)
      if (sent.conversation === conversation && sent.seq <= seq && !(kind === 'delivered' && sent.delivered))
        fresh.push(sent);
    for (const sent of fresh)
      if (kind === 'read') sent.conversation = undefined;
      else sent.delivered = true;
    return fresh.sort((a, b) => a.seq - b.seq).map(({ id }) => id);
  }

  private track(conversation: string): Track {
    if (this.tracks.size >= RECENT_IDS) this.tracks.delete(this.tracks.keys().next().value as string);
    const track = newTrack({});
    this.tracks.set(conversation, track);
    return track;
  }

  private has(conversation: string, seq: number): boolean {
    return this.ring.some((sent) => sent.seq === seq && sent.conversation === conversation);
  }

  private put(conversation: string, seq: number, id: GivenId, delivered: boolean): void {
    const slot = this.ring[this.next];
    if (slot) {
      slot.conversation = conversation;
      slot.seq = seq;
      slot.id = id;
      slot.delivered = delivered;
    } else this.ring.push({ conversation, seq, id, delivered });
    this.next = (this.next + 1) % RECENT_IDS;
  }
}
