import type { ErrorData, Frame } from '@rookery/protocol';
import type { Clock } from './clock.js';
import { ClientErrorCode, RookeryError, fromErrorData } from './rookery-error.js';

interface Pending {
  onReply?: ((data: never) => void) | undefined;
  resolve(data: unknown): void;
  reject(error: RookeryError): void;
  stopTimer(): void;
}

/** Commands of one connection that are not answered yet. */
export class PendingReplies {
  private readonly pending = new Map<unknown, Pending>();
  private lastId = 0;

  constructor(
    private readonly clock: Clock,
    private readonly timeout: number,
  ) {}

  newId(): number {
    return ++this.lastId;
  }

  /**
   * The data of the reply to a command that has just been written. `onReply` has it before the next frame is looked at,
   * which a promise has not: frames that came together are worked off in one turn.
   */
  of(id: number, onReply?: (data: never) => void): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const stopTimer = this.clock.after(this.timeout, () => this.expire(id));
      this.pending.set(id, { onReply, resolve, reject, stopTimer });
    });
  }

  /** False: the frame answers nothing that is waited for. */
  settle({ id, type, data }: Frame): boolean {
    const pending = this.take(id);
    if (!pending) return false;
    if (type === 'error') pending.reject(fromErrorData(data as ErrorData));
    else {
      pending.onReply?.(data as never);
      pending.resolve(data);
    }
    return true;
  }

  failAll(error: RookeryError): void {
    for (const id of this.pending.keys()) this.take(id)?.reject(error);
  }

  private expire(id: number): void {
    const message = 'The server did not answer in time';
    this.take(id)?.reject(new RookeryError(ClientErrorCode.Timeout, message, { retryable: true }));
  }

  private take(id: unknown): Pending | undefined {
    const pending = this.pending.get(id);
    this.pending.delete(id);
    pending?.stopTimer();
    return pending;
  }
}
