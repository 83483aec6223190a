import type { Presence } from '@rookery/protocol';

/** What became of a frame: the receiver has it, had no room for it, or is not there any more. */
export type Delivery = 'sent' | 'later' | 'gone';

export interface OutboxOptions<R> {
  /** Milliseconds between two frames to one receiver. */
  interval: number;
  /** Users in one frame. */
  frame: number;
  /** What may wait, over all receivers. */
  capacity: number;
  deliver: (receiver: R, users: Presence[]) => Delivery;
  /** There was no room: the receiver must be told everything anew. */
  onOverflow: (receiver: R) => void;
}

/**
 * What receivers are to be told of users: one frame per receiver and interval, however many users changed however often.
 * Of each user only the last counts. The first change after a quiet time is told with the next {@link flush}.
 */
export class Outbox<R extends object> {
  private readonly waiting = new Map<R, Map<string, Presence>>();
  /** When a receiver was last told something, for as long as that matters. */
  private readonly served = new Map<R, number>();
  private count = 0;

  constructor(private readonly options: OutboxOptions<R>) {}

  /** Pairs of receiver and user that wait. */
  get size(): number {
    return this.count;
  }

  get idle(): boolean {
    return this.waiting.size === 0 && this.served.size === 0;
  }

  put(receiver: R, presence: Presence): void {
    const users = this.waiting.get(receiver);
    if (!users?.has(presence.user)) {
      if (this.count >= this.options.capacity) return this.overflow(receiver);
      this.count++;
    }
    if (users) users.set(presence.user, presence);
    else this.waiting.set(receiver, new Map([[presence.user, presence]]));
  }

  forget(receiver: R): void {
    this.count -= this.waiting.get(receiver)?.size ?? 0;
    this.waiting.delete(receiver);
    this.served.delete(receiver);
  }

  /** Tells those whose turn it is, `now` in milliseconds. */
  flush(now: number): void {
    for (const [receiver, at] of this.served)
      if (now - at >= this.options.interval) this.served.delete(receiver);
    for (const [receiver, users] of this.waiting) {
      if (this.served.has(receiver)) continue;
      const delivery = this.tell(receiver, users);
      if (delivery === 'gone') this.forget(receiver);
      else this.served.set(receiver, now);
    }
  }

  private tell(receiver: R, users: Map<string, Presence>): Delivery {
    while (users.size > 0) {
      const part = [...users.values()].slice(0, this.options.frame);
      const delivery = this.options.deliver(receiver, part);
      if (delivery !== 'sent') return delivery;
      for (const { user } of part) users.delete(user);
      this.count -= part.length;
    }
    this.waiting.delete(receiver);
    return 'sent';
  }

  private overflow(receiver: R): void {
    this.forget(receiver);
    this.options.onOverflow(receiver);
  }
}
