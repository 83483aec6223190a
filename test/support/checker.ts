import type { Commands, ErrorData } from '@rookery/protocol';

/** An acknowledgement as a client saw it. `attempt` and `arrival` are readings of one clock that only counts. */
export interface Acknowledgement extends Pick<
  Commands['chat.send']['reply'],
  'conversation' | 'seq' | 'id' | 'duplicate'
> {
  connection: string;
  attempt: number;
  arrival: number;
}

/** One message in its sender's own log, outside the server. */
export interface SentMessage {
  sender: string;
  conversation: string;
  clientId: string;
  /** Unique in the run. */
  content: string;
  acknowledgements: Acknowledgement[];
  refusals: ErrorData[];
}

/** One message as the server has it. */
export interface StoredMessage {
  conversation: string;
  seq: number;
  sender: string;
  clientId: string;
  content: string;
}

export interface Verdict {
  /** Acknowledged, and stored at the acknowledged place. */
  ok: string[];
  /** Acknowledged, and not at that place. */
  lost: string[];
  /** Never acknowledged: stored or not, nothing was promised. */
  unknown: string[];
  /** Stored, or acknowledged as new, more than once. */
  duplicate: string[];
  /** Acknowledged against the order in which it was sent or answered. */
  reordered: string[];
  /** Stored, but never sent like that, or refused for good. */
  phantom: string[];
  /** Sequences that are not 1, 2, 3 and so on. */
  holes: string[];
}

export type Fault = Exclude<keyof Verdict, 'ok' | 'unknown'>;
export const FAULTS: readonly Fault[] = ['lost', 'duplicate', 'reordered', 'phantom', 'holes'];

const place = ({ conversation, seq }: { conversation: string; seq: number }): string =>
  `${conversation}#${seq}`;

const sameMessage = (sent: SentMessage, stored: StoredMessage | undefined): boolean =>
  stored !== undefined &&
  stored.conversation === sent.conversation &&
  stored.sender === sent.sender &&
  stored.clientId === sent.clientId &&
  stored.content === sent.content;

function grouped<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}

/** Holds what the senders know against what is stored. `begun`: entries that are no messages, at the beginning of a conversation. */
export function judge(
  sent: readonly SentMessage[],
  stored: readonly StoredMessage[],
  begun: ReadonlyMap<string, number> = new Map(),
): Verdict {
  const byPlace = new Map(stored.map((message) => [place(message), message]));
  const isKept = (message: SentMessage): boolean =>
    message.acknowledgements.every(
      (ack) => ack.id === place(ack) && sameMessage(message, byPlace.get(place(ack))),
    );
  const acknowledged = sent.filter(({ acknowledgements }) => acknowledgements.length > 0);
  return {
    ok: acknowledged.filter(isKept).map(({ content }) => content),
    lost: acknowledged.filter((message) => !isKept(message)).map(({ content }) => content),
    unknown: sent.filter(isUnknown).map(({ content }) => content),
    duplicate: [...new Set([...storedTwice(stored), ...newTwice(sent)])],
    reordered: reordered(sent),
    phantom: phantoms(sent, stored),
    holes: holes(stored, begun),
  };
}

const isFinal = ({ retryable }: ErrorData): boolean => !retryable;

function isUnknown({ acknowledgements, refusals }: SentMessage): boolean {
  return acknowledgements.length === 0 && !refusals.some(isFinal);
}

function storedTwice(stored: readonly StoredMessage[]): string[] {
  return [...grouped(stored, ({ content }) => content)]
    .filter(([, copies]) => copies.length > 1)
    .map(([content]) => content);
}

/** The server may say once that a message is new; every other time it is a duplicate, at the same place. */
function newTwice(sent: readonly SentMessage[]): string[] {
  return sent
    .filter(({ acknowledgements }) => {
      const places = new Set(acknowledgements.map(place));
      return places.size > 1 || acknowledgements.filter(({ duplicate }) => !duplicate).length > 1;
    })
    .map(({ content }) => content);
}

type Answered = Acknowledgement & { sender: string };

/** What a sender was told to be new came in the order of its sequence, and on one connection in the order of sending. */
function reordered(sent: readonly SentMessage[]): string[] {
  const fresh = sent.flatMap(({ sender, acknowledgements }) =>
    acknowledgements.filter(({ duplicate }) => !duplicate).map((ack): Answered => ({ ...ack, sender })),
  );
  const perSender = grouped(fresh, ({ sender, conversation }) => `${sender} ${conversation}`);
  const perConnection = grouped(fresh, ({ connection, conversation }) => `${connection} ${conversation}`);
  const found = [
    ...[...perSender.values()].flatMap((acks) => descents(acks.sort((a, b) => a.arrival - b.arrival))),
    ...[...perConnection.values()].flatMap((acks) => descents(acks.sort((a, b) => a.attempt - b.attempt))),
  ];
  return [...new Set(found)];
}

function descents(acks: readonly Answered[]): string[] {
  return acks.filter((ack, index) => index > 0 && ack.seq <= (acks[index - 1]?.seq ?? 0)).map(place);
}

function phantoms(sent: readonly SentMessage[], stored: readonly StoredMessage[]): string[] {
  const byContent = new Map(sent.map((message) => [message.content, message]));
  return stored
    .filter((message) => {
      const origin = byContent.get(message.content);
      return !origin || !sameMessage(origin, message) || origin.refusals.some(isFinal);
    })
    .map(place);
}

function holes(stored: readonly StoredMessage[], begun: ReadonlyMap<string, number>): string[] {
  return [...grouped(stored, ({ conversation }) => conversation)].flatMap(([conversation, messages]) => {
    const seqs = messages.map(({ seq }) => seq).sort((a, b) => a - b);
    const first = 1 + (begun.get(conversation) ?? 0);
    const wrong = seqs.findIndex((seq, index) => seq !== first + index);
    return wrong < 0 ? [] : [`${conversation} wants ${first + wrong}, has ${seqs[wrong]}`];
  });
}

/** The classes that must be empty, and how much is in those that are not. */
export function faultsOf(verdict: Verdict): Partial<Record<Fault, string[]>> {
  return Object.fromEntries(
    FAULTS.filter((fault) => verdict[fault].length > 0).map((fault) => [fault, verdict[fault].slice(0, 5)]),
  );
}

/** One line of figures. */
export function summary(verdict: Verdict): string {
  const acknowledged = verdict.ok.length + verdict.lost.length;
  const figures = FAULTS.map((fault) => `${fault} ${verdict[fault].length}`);
  return [`acknowledged ${acknowledged}`, ...figures, `unknown ${verdict.unknown.length}`].join(', ');
}
