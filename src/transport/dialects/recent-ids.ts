/** Ids that are remembered for one connection. */
export const RECENT_IDS = 512;

/** The newest ids of messages that were on a connection, by conversation, and where each message is. */
export class RecentIds {
  /** The oldest first. */
  private readonly places = new Map<string, number>();

  get size(): number {
    return this.places.size;
  }

  /** Under an id that two messages have the newer one is found. */
  add(conversation: string, id: string, seq: number): void {
    const key = keyOf(conversation, id);
    this.places.delete(key);
    this.places.set(key, seq);
    if (this.places.size > RECENT_IDS) this.places.delete(this.places.keys().next().value as string);
  }

  find(conversation: string, id: string): number | undefined {
    return this.places.get(keyOf(conversation, id));
  }
}

const keyOf = (conversation: string, id: string): string => `${conversation}\0${id}`;
