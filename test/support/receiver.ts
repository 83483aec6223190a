import { setTimeout as delay } from 'node:timers/promises';
import type { ChatMessage, Frame } from '@rookery/protocol';
import type { Delivery } from './delivery-checker.js';
import { Milestones } from './milestones.js';
import { Wire } from './wire.js';

const BACK_OFF = 25;
/** Deliveries in one conversation between two marks. */
const MARK_EVERY = 10;

/** A device that is pushed to, keeps what it got, connection by connection, says how far it has come, and comes back. */
export class Receiver {
  readonly sessions: Delivery[][] = [];
  /** Deliveries that no earlier connection had brought. */
  readonly distinct = new Milestones();
  readonly synced = new Milestones();
  /** Acknowledged marks. */
  readonly marks = new Milestones();
  /** Conversation → the highest mark that the server has acknowledged. */
  readonly marked = new Map<string, number>();
  /** First deliveries at or below a mark that had been acknowledged: the mark was lost. */
  readonly forgottenMarks: string[] = [];
  readonly events: Frame[] = [];
  private readonly known = new Set<string>();
  private stopping = false;
  private wire?: Wire;

  constructor(
    private readonly server: { port: number },
    readonly user: string,
    private readonly query: Record<string, string> = { device: 'phone' },
    private readonly marking = true,
  ) {}

  /** Connects again and again until stopped. */
  async run(): Promise<void> {
    while (!this.stopping) {
      const wire = await this.connect().catch(() => delay(BACK_OFF));
      // Stopped while it connected.
      if (this.stopping) await wire?.close();
      await wire?.closed;
    }
  }

  async connect(): Promise<Wire> {
    const session: Delivery[] = [];
    const floor = new Map(this.marked);
    this.sessions.push(session);
    const onEvent = (frame: Frame): void => this.take(frame, session, floor);
    this.wire = await Wire.connect(this.server, this.user, { query: this.query, onEvent });
    return this.wire;
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.wire?.close();
  }

  private take(frame: Frame, session: Delivery[], floor: Map<string, number>): void {
    if (frame.type !== 'chat.message') return this.takeEvent(frame);
    const { conversation, seq, from, clientId = '', content } = frame.data as ChatMessage;
    session.push({ conversation, seq, sender: from, clientId, content: content as string });
    if (seq <= (floor.get(conversation) ?? 0)) this.forgottenMarks.push(`${conversation}#${seq}`);
    if (this.marking && seq % MARK_EVERY === 0) void this.mark(conversation, seq);
    const key = `${conversation}#${seq}`;
    if (this.known.has(key)) return;
    this.known.add(key);
    this.distinct.add();
  }

  private takeEvent(frame: Frame): void {
    this.events.push(frame);
    if (frame.type === 'chat.synced') this.synced.add();
  }

  private async mark(conversation: string, seq: number): Promise<void> {
    const marked = await this.wire?.call('chat.delivered', { conversation, seq }).then(
      () => true,
      () => false,
    );
    if (!marked) return;
    this.marked.set(conversation, Math.max(seq, this.marked.get(conversation) ?? 0));
    this.marks.add();
  }
}
