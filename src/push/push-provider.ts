/** One thing to be told to one device. */
export interface PushDelivery {
  /** The same for every attempt: receivers de-duplicate by it. */
  id: string;
  user: string;
  /** The name the device gave itself; null: none. */
  device: string | null;
  /** What {@link PushProvider.accept} made of the token when it was registered. */
  token: unknown;
  message: PushMessage;
}

/** What is told. The same for every attempt. */
export interface PushMessage {
  /** `push.withdraw`: what was told before is read by now; take it off the screen. */
  type: 'push.message' | 'push.withdraw';
  /** Milliseconds since the epoch: when the entry was stored. */
  time: number;
  conversation: string;
  seq: number;
  /** The entry's id. */
  entry: string;
  /** The event it is on the wire: name and data. Absent: withdrawn. */
  event?: { type: string; data: Record<string, unknown> };
  /** How urgent the publisher called it. */
  priority: 'low' | 'normal' | 'high';
}

/** What became of one attempt. */
export type PushOutcome =
  | { kind: 'sent' }
  /** The token is good for nothing any more: it is forgotten, with all that waits for it. */
  | { kind: 'gone' }
  /** It will not be taken, however often it is tried: a dead letter at once. */
  | { kind: 'rejected'; reason: string }
  /** Try again; `after` milliseconds at the earliest, where the receiver said so. */
  | { kind: 'failed'; reason: string; after?: number };

/**
 * Port: a way to a device that is not connected.
 * An attempt is bounded in time by the provider; deliveries for one user come one after another, those of several users
 * at the same time, up to `PUSH_CONCURRENCY`. Delivery is at least once.
 */
export abstract class PushProvider {
  /** What clients call it in `push.register`; 1 to 32 lower-case letters. */
  abstract readonly name: string;

  /** What clients need to know to get a token; shown to every user. */
  abstract readonly publicInfo: Readonly<Record<string, string>>;

  /** Checks a token that a client brings, and gives what is kept of it (JSON). Throws AppError `invalid`. */
  abstract accept(token: unknown): unknown;

  /** One attempt. Never rejects. */
  abstract send(delivery: PushDelivery): Promise<PushOutcome>;
}

/** Dependency-injection token of the list of providers that are configured; empty: push is off. */
export const PUSH_PROVIDERS = Symbol('PUSH_PROVIDERS');
