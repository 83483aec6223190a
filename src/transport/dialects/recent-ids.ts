/** Ids that are remembered for one connection. */
export const RECENT_IDS = 512;

interface Recent {
  conversation: string;
  id: string;
  seq: number;
}

/**
 * The newest ids of messages that were on a connection, and where each message is. Added for every message, asked for
 * now and then: a ring whose slots are written over leaves nothing behind for the garbage collector.
 */
export class RecentIds {
  private readonly ring: Recent[] = [];
  private next = 0;

  get size(): number {
    return this.ring.length;
  }

  add(conversation: string, id: string, seq: number): void {
    const slot = this.ring[this.next];
    if (slot) {
      slot.conversation = conversation;
      slot.id = id;
      slot.seq = seq;
    } else this.ring.push({ conversation, id, seq });
    this.next = (this.next + 1) % RECENT_IDS;
  }

  /** The places of these ids; undefined: forgotten, or never there. Of two messages with one id, that of the later. */
  find(conversation: string, ids: readonly string[]): (number | undefined)[] {
    const places = new Map<string, number | undefined>(ids.map((id) => [id, undefined]));
    for (const slot of this.ring)
      if (slot.conversation === conversation && places.has(slot.id))
        places.set(slot.id, Math.max(slot.seq, places.get(slot.id) ?? 0));
    return ids.map((id) => places.get(id));
  }
}
