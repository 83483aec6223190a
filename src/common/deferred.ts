type Settled<T> = { ok: true; value: T } | { ok: false; error: unknown };

/**
 * An answer whose place in the order is already taken. Unlike a promise it calls back in the same turn in which it is
 * settled, so that what is written in the callback keeps the order of the settling.
 */
export class Deferred<T> {
  private outcome?: Settled<T>;
  private listener?: (outcome: Settled<T>) => void;

  resolve(value: T): void {
    this.settle({ ok: true, value });
  }

  reject(error: unknown): void {
    this.settle({ ok: false, error });
  }

  /** One listener; called at once if the answer is there. */
  onSettled(listener: (outcome: Settled<T>) => void): void {
    if (this.outcome) listener(this.outcome);
    else this.listener = listener;
  }

  /** A Deferred that settles with this one, with its value changed. A throwing `change` rejects it. */
  map<U>(change: (value: T) => U): Deferred<U> {
    const mapped = new Deferred<U>();
    this.onSettled((outcome) => {
      if (!outcome.ok) return mapped.reject(outcome.error);
      try {
        mapped.resolve(change(outcome.value));
      } catch (error) {
        mapped.reject(error);
      }
    });
    return mapped;
  }

  toPromise(): Promise<T> {
    return new Promise((resolve, reject) =>
      this.onSettled((outcome) => (outcome.ok ? resolve(outcome.value) : reject(outcome.error))),
    );
  }

  private settle(outcome: Settled<T>): void {
    if (this.outcome) return;
    this.outcome = outcome;
    this.listener?.(outcome);
  }
}
