/** Something in memory that does not outgrow its capacity. */
export interface Bounded {
  readonly size: number;
  readonly capacity: number;
}

/** A set that forgets what was not asked for the longest. */
export class RecentlyUsed<T> implements Bounded {
  private readonly items = new Set<T>();

  constructor(readonly capacity: number) {}

  get size(): number {
    return this.items.size;
  }

  has(item: T): boolean {
    if (!this.items.delete(item)) return false;
    this.items.add(item);
    return true;
  }

  add(item: T): void {
    this.items.delete(item);
    this.items.add(item);
    if (this.items.size <= this.capacity) return;
    for (const oldest of this.items) {
      this.items.delete(oldest);
      return;
    }
  }
}
