import type { LogLine } from './client-log.js';

/** An entry as the database has it. */
export interface StoredEntry {
  sender: string;
  clientId: string;
  digest: string;
}

/** What is stored. */
export interface Truth {
  /** Conversation → its entries in the order of `seq`, the first at index 0. */
  readonly entries: ReadonlyMap<string, readonly StoredEntry[]>;
  /** Their client ids, which the senders have made so that none comes twice. */
  readonly clientIds: ReadonlySet<string>;
}

/** What a log has to have at its end: conversation → the first entry it must begin with (0: any) and the last. */
export type Owed = ReadonlyMap<string, { first: number; last: number }>;

export interface LogVerdict {
  events: number;
  acknowledgements: number;
  /** Entries that came again after a crash had cost the storage its last moments: dropped by the application. */
  repeated: number;
  faults: string[];
}

/**
 * Holds the log of one client against the database: in each conversation every entry once, in order, without a hole,
 * with its content; every acknowledged message at the place that was acknowledged; and what a device was to send, stored
 or refused.
 */
export function checkLog(lines: readonly LogLine[], truth: Truth, owed: Owed): LogVerdict {
  const check = new LogCheck(truth, owed);
  for (const line of lines) check.take(line);
  return check.result();
}

class LogCheck {
  private readonly faults: string[] = [];
  /** The last entry of each conversation that the application has. */
  private readonly have = new Map<string, number>();
  /** Where the client has come to: behind what the application has when a crash cost the storage its last moments. */
  private at = new Map<string, number>();
  private readonly sent = new Map<string, { sender: string; digest: string }>();
  /** With an outbox, that is: a call over REST whose answer was lost may have done nothing. */
  private isDevice = false;
  private readonly refused = new Set<string>();
  private events = 0;
  private acknowledgements = 0;
  private repeated = 0;

  constructor(
    private readonly truth: Truth,
    private readonly owed: Owed,
  ) {}

  take(line: LogLine): void {
    if (line.kind === 'life') this.begin(line);
    else if (line.kind === 'event') this.event(line);
    else if (line.kind === 'sent') this.sent.set(line.clientId, line);
    else if (line.kind === 'ack') this.acknowledged(line);
    else this.refused.add(line.clientId);
  }

  result(): LogVerdict {
    for (const [conversation, { first, last }] of this.owed) {
      const have = this.have.get(conversation);
      // Without a place to begin a conversation may be unknown to a device, but not half known.
      if (have === undefined && (first === 0 || last < first)) continue;
      if (have !== last) this.faults.push(`${conversation} ends at ${have ?? 0} and not at ${last}`);
    }
    for (const clientId of this.isDevice ? this.sent.keys() : [])
      if (!this.truth.clientIds.has(clientId) && !this.refused.has(clientId))
        this.faults.push(`${clientId} was to be sent and was never stored`);
    const { events, acknowledgements, repeated, faults } = this;
    return { events, acknowledgements, repeated, faults };
  }

  private begin({ how, positions }: Extract<LogLine, { kind: 'life' }>): void {
    this.isDevice = true;
    if (how === 'crash') this.at = new Map(Object.entries(positions));
  }

  private event({ conversation, seq, id, digest }: Extract<LogLine, { kind: 'event' }>): void {
    this.events++;
    const wrong = this.orderFault(conversation, seq);
    if (wrong) this.faults.push(`${wrong} at ${conversation}#${seq}`);
    const have = this.have.get(conversation) ?? 0;
    if (seq <= have && !wrong) this.repeated++;
    this.at.set(conversation, seq);
    this.have.set(conversation, Math.max(have, seq));
    if (id !== `${conversation}#${seq}`) this.faults.push(`${id} is not the id of ${conversation}#${seq}`);
    if (this.stored(conversation, seq)?.digest !== digest)
      this.faults.push(`other content at ${conversation}#${seq}`);
  }

  private orderFault(conversation: string, seq: number): string | undefined {
    const have = this.have.get(conversation);
    if (have === undefined) {
      const first = this.owed.get(conversation)?.first || Infinity;
      return seq > first ? 'begins too late' : undefined;
    }
    if (seq > have + 1) return `hole after ${have}`;
    const before = this.at.get(conversation);
    if (before === undefined || seq === before + 1) return undefined;
    if (seq === before) return 'doubled';
    return seq < before ? 'out of order' : `hole after ${before}`;
  }

  private acknowledged({ conversation, seq, id, clientId }: Extract<LogLine, { kind: 'ack' }>): void {
    this.acknowledgements++;
    const sent = this.sent.get(clientId);
    const stored = this.stored(conversation, seq);
    const kept =
      sent &&
      stored &&
      stored.sender === sent.sender &&
      stored.clientId === clientId &&
      stored.digest === sent.digest &&
      id === `${conversation}#${seq}`;
    if (!kept) this.faults.push(`acknowledged as ${conversation}#${seq} and not stored there: ${clientId}`);
  }

  private stored(conversation: string, seq: number): StoredEntry | undefined {
    return this.truth.entries.get(conversation)?.[seq - 1];
  }
}
