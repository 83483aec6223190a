import type { Frame, SyncMode } from '@rookery/protocol';
import type { Principal } from '../auth/index.js';
import type { Entry } from '../journal/index.js';
import type { Metrics } from '../metrics/index.js';
import type { Codec } from './codec.js';
import { DurableStream, type DurableSource } from './durable-stream.js';
import type { EntryRun } from './entry-run.js';
import type { FanOut } from './fan-out.js';
import type { HubEvent } from './hub-event.js';
import type { Outlet } from './outlet.js';
import type { Translator } from './translator.js';

/** Of a client that names none. */
export const UNKNOWN_PLATFORM = 'unknown';

export interface ConnectionOptions {
  id: string;
  principal: Principal;
  /** Named by the client; absent: a device without a cursor of its own, `deviceId` is then made up. */
  device?: string;
  platform?: string;
  sync: SyncMode;
  codec: Codec;
  /** Stands between the connection and its codec; absent: everything is encoded as it is. */
  translator?: Translator;
  /** `device` is how far all connections of a kind have come: it may have several, and replaces none. */
  sharedDevice?: boolean;
  outlet: Outlet;
  /** Address of the client, behind trusted proxies. */
  ip: string;
  common: ConnectionCommon;
}

/** What all connections share. */
export interface ConnectionCommon {
  /** Bytes that may wait in the outlet of each before pushing stops. */
  budget: number;
  source: DurableSource;
  fanOut: Pick<FanOut, 'bringTo'>;
  metrics: Metrics;
}

/** Bytes: what is re-read from the journal is written while less than this waits, if the budget is not smaller. */
const REPLAY_LIMIT = 128 * 1024;

/** Into how many parts a period is divided that is spread over the connections. */
export const PHASES = 1 << 16;

/** One authenticated socket of one user: who it is, and what may still be written to it. */
export class Connection {
  readonly id: string;
  readonly device?: string;
  readonly platform: string;
  readonly sync: SyncMode;
  readonly codec: Codec;
  readonly sharedDevice: boolean;
  readonly ip: string;
  readonly openedAt = Date.now();
  /** A whole number below {@link PHASES}: when, in a period that all have in common, its turn is. */
  readonly phase = Math.floor(Math.random() * PHASES);
  /** Milliseconds since the epoch of the last complete frame from the client. */
  lastSeen = Date.now();
  /** For the {@link FanOut}: entries of the run under way that need not be brought any more. */
  ahead = 0;

  private gone = false;
  private principalValue: Principal;
  private localeValue?: string | null;
  private readonly translator?: Translator;
  private readonly outlet: Outlet;
  private readonly common: ConnectionCommon;
  /** Only while something is owed: most connections are idle. */
  private owing?: DurableStream;
  private waiting?: (() => void)[];

  constructor(options: ConnectionOptions) {
    this.id = options.id;
    this.principalValue = options.principal;
    this.device = options.device;
    this.platform = options.platform ?? UNKNOWN_PLATFORM;
    this.sync = options.sync;
    this.codec = options.codec;
    this.translator = options.translator;
    this.sharedDevice = options.sharedDevice ?? false;
    this.outlet = options.outlet;
    this.ip = options.ip;
    this.common = options.common;
  }

  private get stream(): DurableStream {
    return (this.owing ??= new DurableStream(this, this.common.source));
  }

  /** Entries wait from now on, until {@link catchUp} has brought what was there before. */
  hold(): void {
    this.stream.hold();
  }

  /** Pushes the backlog, then lets live entries through. Returns how many were written; rejects when the client has gone. */
  async catchUp(): Promise<number> {
    const written = await this.stream.catchUp();
    this.letGo();
    return written;
  }

  /** Conversations that are being re-read at the moment. */
  get behind(): number {
    return this.owing?.behind ?? 0;
  }

  /**
   * A live entry that is for the user, offered in the order of its conversation: it is written now, or re-read from the
   * journal when it could not be.
   */
  offer(entry: Entry, event: HubEvent): void {
    if (this.owing === undefined && this.tryDurable(event)) return;
    this.stream.offer(entry, event);
    this.letGo();
  }

  /** Offers what a run has from an index on. */
  offerRun(run: EntryRun, from: number): void {
    if (from === 0 && this.tryRun(run)) return;
    for (const { entry, event } of run.from(from)) this.offer(entry, event);
  }

  get principal(): Principal {
    return this.principalValue;
  }

  /** BCP 47, in lower case: the language the user is told things in; null: he named none. Undefined: not known yet. */
  get locale(): string | null | undefined {
    return this.localeValue;
  }

  set locale(locale: string | null) {
    this.localeValue = locale;
    this.drained();
  }

  get userId(): string {
    return this.principalValue.userId;
  }

  /** Nothing more will reach the client. */
  get closed(): boolean {
    return this.gone || !this.outlet.open;
  }

  get bufferedBytes(): number {
    return this.outlet.bufferedBytes;
  }

  /** Takes the claims of a newer token of the same user. */
  renew(principal: Principal): void {
    this.principalValue = principal;
  }

  /** Answers to the client's own commands: always written; the lane stops reading while {@link congested}. */
  reply(frame: Frame): void {
    this.common.fanOut.bringTo(this);
    this.write(this.translator ? this.translator.reply(frame) : this.codec.encode(frame), 'reply');
  }

  /** What may be lost: shed as soon as half the budget waits. Returns whether it was written. */
  sendEphemeral(event: HubEvent): boolean {
    this.common.fanOut.bringTo(this);
    if (this.closed || this.outlet.bufferedBytes > this.common.budget / 2) {
      this.common.metrics.dropped.inc({ reason: this.closed ? 'closed' : 'congested' });
      return false;
    }
    this.write(this.bytesOf(event), 'ephemeral');
    return true;
  }

  /** What must not be lost; false: no room, or no language yet; the caller has to come back after {@link room}. */
  tryDurable(event: HubEvent): boolean {
    this.common.fanOut.bringTo(this);
    if (this.closed || this.congested) return false;
    if (this.localeValue === undefined && event.isTranslated) return false;
    this.write(this.bytesOf(event), 'durable');
    return true;
  }

  /**
   * Like {@link tryDurable}, for what is re-read from the journal: little of it waits at a time. False: come back after
   * {@link replayRoom}.
   */
  tryReplayed(event: HubEvent): boolean {
    return !this.isFull && this.tryDurable(event);
  }

  /** Whether as much waits as may wait of what is re-read. */
  get isFull(): boolean {
    return this.outlet.bufferedBytes >= this.replayLimit;
  }

  /** What was written in this turn leaves now. */
  flush(): void {
    this.outlet.endTurn();
  }

  /** Clients that do not know a sequence show things as they come. */
  get oldestFirst(): boolean {
    return this.translator !== undefined;
  }

  /** Whether entries of a conversation are brought at all. */
  carries(conversation: string): boolean {
    return !this.translator || this.translator.carries(conversation);
  }

  get congested(): boolean {
    return this.outlet.bufferedBytes >= this.common.budget;
  }

  /** Resolves when the socket has drained to half the budget or the language has become known, or it is closed. */
  room(): Promise<void> {
    return this.atMost(this.common.budget / 2);
  }

  /**
   * Resolves when the socket takes what is re-read and the language is known, or it is closed; undefined: nothing has to
   * be waited for.
   */
  replayRoom(): Promise<void> | undefined {
    return this.isFull || this.localeValue === undefined ? this.atMost(this.replayLimit / 2) : undefined;
  }

  /** Called by the transport when the socket has drained, if that was awaited. */
  drained(): void {
    const { waiting } = this;
    this.waiting = undefined;
    for (const resume of waiting ?? []) resume();
  }

  ping(): void {
    this.outlet.ping();
  }

  close(code: number, reason: string): void {
    this.outlet.close(code, reason);
  }

  terminate(): void {
    this.outlet.terminate();
  }

  /** Called once by the transport when the socket is gone. */
  markClosed(): void {
    this.gone = true;
    this.drained();
  }

  private get replayLimit(): number {
    return Math.min(REPLAY_LIMIT, this.common.budget);
  }

  private atMost(bytes: number): Promise<void> {
    const isDrained = this.outlet.bufferedBytes <= bytes;
    if (this.closed || (isDrained && this.localeValue !== undefined)) return Promise.resolve();
    if (!isDrained) this.outlet.awaitDrain();
    const waiting = (this.waiting ??= []);
    return new Promise((resolve) => waiting.push(resolve));
  }

  /** As nearly always: there is room for all of it, and it is the same for everybody with this codec. */
  private tryRun(run: EntryRun): boolean {
    if (this.owing || this.translator || run.isTranslated || this.closed) return false;
    const { frames, bytes } = run.framesOf(this.codec);
    if (this.outlet.bufferedBytes + bytes > this.common.budget) return false;
    this.outlet.writeAll(frames, bytes);
    this.common.metrics.pushed.durable.count += frames.length;
    return true;
  }

  private letGo(): void {
    if (this.owing?.isLive) this.owing = undefined;
  }

  private bytesOf(event: HubEvent): Buffer {
    return this.translator ? this.translator.event(event) : event.bytes(this.codec, this.locale);
  }

  private write(bytes: Buffer, kind: 'reply' | 'ephemeral' | 'durable'): void {
    if (bytes.length === 0) return;
    this.outlet.write(bytes);
    this.common.metrics.pushed[kind].count++;
  }
}
