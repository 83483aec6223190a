import type { Logger } from '@nestjs/common';

/** Listeners that cannot harm who calls them, nor each other. */
export class Listeners<T> {
  private readonly listeners = new Set<(event: T) => void>();

  constructor(private readonly logger: Logger) {}

  add(listener: (event: T) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  call(event: T): void {
    for (const listener of this.listeners) {
      try {
        listener(event);
      } catch (error) {
        this.logger.error('A listener of the journal failed', error instanceof Error ? error.stack : error);
      }
    }
  }
}
