import { ErrorCode, type ChatMessage, type MessageDraft, type Target } from '@rookery/protocol';
import type { Entry } from './entry.js';
import {
  isBound,
  isItem,
  keyOf,
  newClientId,
  type OutboxItem,
  type SendReceipt,
  type Waiter,
} from './outbox-item.js';
import {
  ClientErrorCode,
  RookeryError,
  aboutMessage,
  isConnectionLost,
  toRookeryError,
} from './rookery-error.js';

/** Refusals that come before the store is asked. */
const NOTHING_DONE: ReadonlySet<string> = new Set([ErrorCode.RateLimited, ErrorCode.Overloaded]);

export interface OutboxPort {
  /** `onReply` has the answer before anything that came after it. */
  send(item: OutboxItem, onReply: (receipt: SendReceipt) => void): Promise<unknown>;
  /** Resolves after a wait that grows with `attempt`, and is at least `retryAfter` seconds. */
  pause(attempt: number, retryAfter?: number): Promise<void>;
  /** The server confirmed it, in the answer to this connection. */
  onSent(item: OutboxItem, receipt: SendReceipt): void;
  /** An item that {@link Outbox.mayHaveStored} spoke of will not be stored, or nobody will hear of it. */
  onDoubtOver(): void;
  /** To be kept. */
  onChange(): void;
  /** Something failed that nobody waits for. */
  onError(error: RookeryError): void;
}

export interface SendOptions {
  /** Default: a new one. Name your own to recognise the message later. */
  clientId?: string | undefined;
  /** Takes the message out of the outbox. One that is on its way already may still be stored. */
  signal?: AbortSignal | undefined;
}

/**
 * Messages on their way: kept until the server has confirmed each, and repeated with the same client id, so that
 * nothing is stored twice. One at a time per target, so that a repetition is never overtaken.
 */
export class Outbox {
  private items: OutboxItem[] = [];
  private readonly waiters = new Map<OutboxItem, Waiter>();
  /** Targets that are being sent to. */
  private readonly busy = new Set<string>();
  /** Sent at least once, perhaps in an earlier life, and stored for all that is known. */
  private readonly doubtful = new Set<OutboxItem>();
  private user?: string;

  constructor(
    private readonly port: OutboxPort,
    private readonly limit: number,
  ) {}

  get pending(): readonly OutboxItem[] {
    return this.items;
  }

  /** Undefined: nothing. */
  toKeep(): readonly OutboxItem[] | undefined {
    return this.items.length > 0 ? this.items : undefined;
  }

  /** What a storage kept goes before what has been added since. */
  restore(items: readonly OutboxItem[]): void {
    this.items = [...items, ...this.items];
    for (const item of items) this.doubtful.add(item);
  }

  add(target: Target, draft: MessageDraft, { clientId, signal }: SendOptions = {}): Promise<SendReceipt> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) throw aborted(signal);
      if (this.items.length >= this.limit) throw outboxFull(this.limit);
      const item = { clientId: clientId ?? newClientId(), target, draft: copyOf(draft), user: this.user };
      const onAbort = (): void => this.reject(item, aborted(signal));
      const settled = (): void => signal?.removeEventListener('abort', onAbort);
      signal?.addEventListener('abort', onAbort);
      this.waiters.set(item, {
        resolve: (receipt) => resolve((settled(), receipt)),
        reject: (error) => reject((settled(), error)),
      });
      this.items.push(item);
      this.port.onChange();
      void this.run(keyOf(item));
    });
  }

  /** After a hello: what nobody owned is this user's, what is another user's waits for him. */
  greeted(user: string): void {
    this.user = user;
    for (const item of this.items) item.user ??= user;
    for (const key of new Set(this.items.map(keyOf))) void this.run(key);
  }

  lost(): void {
    this.user = undefined;
  }

  /** An own message came by another way, after the answer to it was lost. */
  confirm(message: ChatMessage): void {
    const item = this.items.find((each) => isItem(each, message));
    if (!item) return;
    const { conversation, seq, id, time } = message;
    this.resolve(item, { conversation, seq, id, time, duplicate: true });
  }

  /** Whether the conversation of this entry may hold an own one whose number is not known yet. */
  mayHaveStored(entry: Entry): boolean {
    return [...this.doubtful].some((item) => item.user === (this.user ?? item.user) && isBound(item, entry));
  }

  private async run(key: string): Promise<void> {
    if (this.busy.has(key)) return;
    this.busy.add(key);
    let attempt = 0;
    for (let item = this.next(key); item; item = this.next(key)) {
      const retry = await this.attempt(item);
      if (retry) await this.port.pause(attempt++, retry.retryAfter);
      else attempt = 0;
    }
    this.busy.delete(key);
  }

  private next(key: string): OutboxItem | undefined {
    const { user } = this;
    return user === undefined
      ? undefined
      : this.items.find((item) => item.user === user && keyOf(item) === key);
  }

  /** Returns why it has to be tried again. */
  private async attempt(item: OutboxItem): Promise<RookeryError | undefined> {
    const wasDoubtful = this.doubtful.has(item);
    this.doubtful.add(item);
    try {
      await this.port.send(item, (receipt) => {
        this.resolve(item, receipt);
        this.port.onSent(item, receipt);
      });
    } catch (error) {
      if (isConnectionLost(error)) return undefined;
      const failure = aboutMessage(error, item.clientId);
      if (!failure.retryable) this.reject(item, failure);
      else {
        if (!wasDoubtful && NOTHING_DONE.has(failure.code)) this.endDoubt(item);
        return failure;
      }
    }
    return undefined;
  }

  private resolve(item: OutboxItem, receipt: SendReceipt): void {
    this.take(item)?.resolve(receipt);
  }

  private reject(item: OutboxItem, error: RookeryError): void {
    const known = this.items.includes(item);
    const waiter = this.take(item);
    if (waiter) waiter.reject(error);
    else if (known) this.port.onError(error);
    this.port.onDoubtOver();
  }

  private endDoubt(item: OutboxItem): void {
    this.doubtful.delete(item);
    this.port.onDoubtOver();
  }

  private take(item: OutboxItem): Waiter | undefined {
    const waiter = this.waiters.get(item);
    this.waiters.delete(item);
    this.doubtful.delete(item);
    this.items = this.items.filter((each) => each !== item);
    this.port.onChange();
    return waiter;
  }
}

const aborted = (signal: AbortSignal | undefined): RookeryError =>
  new RookeryError(ClientErrorCode.Aborted, 'The caller gave up', { cause: signal?.reason });

const outboxFull = (limit: number): RookeryError =>
  new RookeryError(ClientErrorCode.OutboxFull, `${limit} messages are waiting already`, { retryable: true });

/** What is sent is what it was at the call, and something that JSON can carry. */
function copyOf(draft: MessageDraft): MessageDraft {
  try {
    return JSON.parse(JSON.stringify(draft)) as MessageDraft;
  } catch (error) {
    throw toRookeryError(error, ErrorCode.Invalid);
  }
}
