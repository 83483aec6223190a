import { AsyncLocalStorage } from 'node:async_hooks';
import type { EntityManager } from 'typeorm';

/**
 * The one way to write (design rule 11). A unit is one transaction: it commits when its promise resolves and rolls
 * back when it rejects; its own error comes out as it is. A store that cannot be reached is AppError `unavailable`.
 *
 * The unit may run more than once (MySQL, after a deadlock), so it has no effect but its SQL. On SQLite all other
 * writes wait for it: never await the network, the journal or this door inside. A door inside a door is refused.
 */
export abstract class WriteDoor {
  private readonly inside = new AsyncLocalStorage<true>();
  private units = 0;

  async transaction<T>(unit: (manager: EntityManager) => Promise<T>): Promise<T> {
    if (this.inside.getStore()) throw new Error('A write unit was opened inside another one');
    this.units++;
    try {
      return await this.perform((manager) => this.inside.run(true, () => unit(manager)));
    } finally {
      // While it is in use every promise of the process costs twice as much.
      if (--this.units === 0) this.inside.disable();
    }
  }

  protected abstract perform<T>(unit: (manager: EntityManager) => Promise<T>): Promise<T>;
}
