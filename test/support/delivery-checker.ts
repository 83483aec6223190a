import type { StoredMessage } from './checker.js';

/** A message as one connection received it. */
export type Delivery = StoredMessage;

const key = ({ conversation, seq }: Delivery): string => `${conversation}#${seq}`;

/**
 * What is wrong with the deliveries of ONE connection: in each conversation every entry once, in order, without a hole
 * from the first that came, and as it is stored.
 */
export function deliveryFaults(session: readonly Delivery[], stored: readonly StoredMessage[]): string[] {
  const truth = new Map(stored.map((message) => [key(message), message]));
  const last = new Map<string, number>();
  return session.flatMap((delivery) => {
    const { conversation, seq } = delivery;
    const before = last.get(conversation);
    last.set(conversation, seq);
    return [...orderFaults(delivery, before), ...contentFaults(delivery, truth.get(key(delivery)))];
  });
}

function orderFaults(delivery: Delivery, before: number | undefined): string[] {
  if (before === undefined || delivery.seq === before + 1) return [];
  if (delivery.seq === before) return [`doubled ${key(delivery)}`];
  return [delivery.seq < before ? `reordered ${key(delivery)}` : `hole before ${key(delivery)}`];
}

function contentFaults(delivery: Delivery, stored: StoredMessage | undefined): string[] {
  const same = stored?.content === delivery.content && stored.sender === delivery.sender;
  return same ? [] : [`phantom ${key(delivery)}`];
}

/** Stored for this reader, and never received on any of his connections. */
export function undelivered(
  sessions: readonly (readonly Delivery[])[],
  stored: readonly StoredMessage[],
): string[] {
  const received = new Set(sessions.flat().map(key));
  return stored.filter((message) => !received.has(key(message))).map(key);
}
