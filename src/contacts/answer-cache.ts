import { LRUCache } from 'lru-cache';

export interface AnswerCacheOptions<V> {
  /** Milliseconds that an answer is taken for true. */
  ttl: number;
  /** Milliseconds longer while no newer one is to be had. */
  stale: number;
  /** Units at most, of which an answer takes `sizeOf`. */
  capacity: number;
  sizeOf: (value: V) => number;
  /** Milliseconds; default `performance.now()`. */
  now?: () => number;
}

/** Milliseconds after a failure in which who has an old answer does not ask for a new one. */
const RETRY_PAUSE = 1000;

/**
 * Answers of another service: kept for a while, asked for once by many at the same time, and used for a while longer
 * when the service fails. A failure without an old answer is the caller's.
 */
export class AnswerCache<V extends {}> {
  private readonly known: LRUCache<string, { value: V; at: number }>;
  private readonly loads = new Map<string, Promise<V>>();
  private readonly now: () => number;
  private failedAt = -Infinity;

  constructor(private readonly options: AnswerCacheOptions<V>) {
    this.now = options.now ?? (() => performance.now());
    this.known = new LRUCache({
      maxSize: options.capacity,
      sizeCalculation: ({ value }) => options.sizeOf(value),
    });
  }

  get size(): number {
    return this.known.calculatedSize;
  }

  async get(key: string, ask: () => Promise<V>): Promise<V> {
    const old = this.known.get(key);
    const age = old ? this.now() - old.at : Infinity;
    if (old && age < this.options.ttl) return old.value;
    const usable = old && age < this.options.ttl + this.options.stale;
    if (usable && this.now() - this.failedAt < RETRY_PAUSE) return old.value;
    try {
      return await this.load(key, ask);
    } catch (error) {
      if (usable) return old.value;
      throw error;
    }
  }

  private load(key: string, ask: () => Promise<V>): Promise<V> {
    const under = this.loads.get(key);
    if (under) return under;
    const load = this.ask(key, ask).finally(() => this.loads.delete(key));
    this.loads.set(key, load);
    return load;
  }

  private async ask(key: string, ask: () => Promise<V>): Promise<V> {
    try {
      const value = await ask();
      this.known.set(key, { value, at: this.now() });
      return value;
    } catch (error) {
      this.failedAt = this.now();
      throw error;
    }
  }
}
