import type { Position } from '@rookery/protocol';
import type { Clock } from './clock.js';
import { ClientErrorCode, isConnectionLost, toRookeryError, type RookeryError } from './rookery-error.js';

type MarkCommand = 'chat.delivered' | 'chat.read';

export interface MarksPort {
  request(type: MarkCommand, data: Position): Promise<null>;
  tell(type: MarkCommand, data: Position): boolean;
  onError(error: RookeryError): void;
}

interface Wanted {
  delivered: number;
  read: number;
}

/** Milliseconds until a mark that failed is tried again, where the server names no time. */
const RETRY_DELAY = 2000;

/** Cursors on their way to the server: cumulative, gathered for a moment, and repeated until they are confirmed. */
export class Marks {
  private readonly wanted = new Map<string, Wanted>();
  private readonly sending = new Set<string>();
  private callOff?: () => void;

  constructor(
    private readonly port: MarksPort,
    private readonly clock: Clock,
    private readonly delay: number,
  ) {}

  delivered(conversation: string, seq: number): void {
    this.want(conversation, { delivered: seq, read: 0 });
  }

  read(conversation: string, seq: number): void {
    this.want(conversation, { delivered: 0, read: seq });
  }

  /** After a hello: what the last connection did not confirm is repeated. */
  greeted(): void {
    if (this.wanted.size > 0) this.arm(this.delay);
  }

  /** They were another user's. */
  clear(): void {
    this.wanted.clear();
  }

  /** Says all that there is to say, without waiting for answers: the connection is about to be closed. */
  flush(): void {
    for (const [conversation, wanted] of this.wanted) {
      const { type, seq } = nextOf(wanted);
      this.port.tell(type, { conversation, seq });
    }
  }

  private want(conversation: string, { delivered, read }: Wanted): void {
    const before = this.wanted.get(conversation) ?? { delivered: 0, read: 0 };
    this.wanted.set(conversation, {
      delivered: Math.max(before.delivered, delivered),
      read: Math.max(before.read, read),
    });
    this.arm(this.delay);
  }

  private arm(delay: number): void {
    this.callOff ??= this.clock.after(delay, () => {
      this.callOff = undefined;
      for (const conversation of this.wanted.keys())
        if (!this.sending.has(conversation)) void this.send(conversation);
    });
  }

  private async send(conversation: string): Promise<void> {
    const wanted = this.wanted.get(conversation);
    if (!wanted) return;
    const { type, seq } = nextOf(wanted);
    this.sending.add(conversation);
    try {
      await this.port.request(type, { conversation, seq });
      this.confirmed(conversation, type, seq);
    } catch (error) {
      this.failed(conversation, error);
    } finally {
      this.sending.delete(conversation);
    }
  }

  /** Read implies delivered. */
  private confirmed(conversation: string, type: MarkCommand, seq: number): void {
    const wanted = this.wanted.get(conversation);
    if (!wanted) return;
    if (wanted.delivered <= seq) wanted.delivered = 0;
    if (type === 'chat.read' && wanted.read <= seq) wanted.read = 0;
    if (wanted.delivered === 0 && wanted.read === 0) this.wanted.delete(conversation);
    else this.arm(this.delay);
  }

  private failed(conversation: string, error: unknown): void {
    if (isConnectionLost(error)) return;
    const failure = toRookeryError(error, ClientErrorCode.ConnectionLost);
    if (failure.retryable) return this.arm((failure.retryAfter ?? 0) * 1000 || RETRY_DELAY);
    this.wanted.delete(conversation);
    this.port.onError(failure);
  }
}

const nextOf = ({ delivered, read }: Wanted): { type: MarkCommand; seq: number } =>
  read > 0 ? { type: 'chat.read', seq: read } : { type: 'chat.delivered', seq: delivered };
