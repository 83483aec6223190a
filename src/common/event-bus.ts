import { Injectable, Logger } from '@nestjs/common';

type EventClass<E> = abstract new (...args: never[]) => E;
type Listener<E> = (event: E) => void | Promise<void>;

/**
 * After-commit events: facts that other modules react to. A listener cannot refuse anything, is not awaited by whoever
 * published, and when it fails the failure is logged and nobody else notices.
 *
 * @example
 * bus.on(MessageStored, ({ message }) => audit.record(message.id));
 */
@Injectable()
export class EventBus {
  private readonly logger = new Logger(EventBus.name);
  private readonly listeners = new Map<unknown, Set<Listener<unknown>>>();

  /** Returns the function that ends the subscription. */
  on<E extends object>(type: EventClass<E>, listener: Listener<E>): () => void {
    const set = this.listeners.get(type) ?? new Set();
    this.listeners.set(type, set.add(listener as Listener<unknown>));
    return () => void set.delete(listener as Listener<unknown>);
  }

  /** Whether anybody listens: an event that is costly to make need not be made for nobody. */
  has(type: EventClass<object>): boolean {
    return (this.listeners.get(type)?.size ?? 0) > 0;
  }

  publish(event: object): void {
    for (const listener of this.listeners.get(event.constructor) ?? []) void this.call(listener, event);
  }

  private async call(listener: Listener<unknown>, event: object): Promise<void> {
    try {
      await listener(event);
    } catch (error) {
      this.logger.error({ err: error, event: event.constructor.name }, 'An event listener failed');
    }
  }
}
