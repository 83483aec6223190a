import { isObservable, type Observable } from 'rxjs';
import { ErrorCode, type Frame } from '@rookery/protocol';
import { AppError, Deferred } from '../common/index.js';
import { UndecodableFrame } from '../hub/index.js';
import type { CommandHandler } from './command-handlers.js';
import { ReplyStreams } from './reply-stream.js';
import { isThenable } from './thenable.js';

/** What a lane is attached to. */
export interface LaneHost {
  /** Decodes; throws AppError for what is no frame. */
  decode(payload: Buffer, isBinary: boolean): Frame;
  /** Undefined: go on. Otherwise why not. */
  admit(frame: Frame | undefined): AppError | undefined;
  handlerOf(type: string): CommandHandler | undefined;
  /** What the error filter caught for the command in hand; taken once. */
  takeFailure(): unknown;
  /** Without an answer the command only counts as done. */
  succeed(command: string, answer?: Frame): void;
  refuse(error: unknown, frame: { id?: Frame['id']; type?: string }): void;
  /** Resolves when replies can be written again. */
  room(): Promise<void> | undefined;
  pause(): void;
  resume(): void;
  readonly closed: boolean;
}

interface Arrival {
  payload: Buffer;
  isBinary: boolean;
  /** Of the server's own making: neither decoded nor counted against a rate. */
  frame?: Frame;
}

const NO_PAYLOAD = Buffer.alloc(0);

/** Frames that may wait before the socket is no longer read. */
const MAX_WAITING = 64;
/** Bytes that may wait, likewise. */
const MAX_WAITING_BYTES = 256 * 1024;
/** Commands whose answer may be outstanding while the next is begun. */
const MAX_OUTSTANDING = 64;

/** What a lane holds. */
export interface LaneLoad {
  frames: number;
  bytes: number;
  outstanding: number;
}

export const LANE_LIMITS: LaneLoad = {
  frames: MAX_WAITING,
  bytes: MAX_WAITING_BYTES,
  outstanding: MAX_OUTSTANDING,
};

export const NO_LOAD: LaneLoad = { frames: 0, bytes: 0, outstanding: 0 };

/** Commands seen to return a {@link Deferred}: they need not wait for one another's answers. */
const pipelined = new Set<string>();

/**
 * The commands of one connection, one after another in the order of their frames. A handler that returns a
 * {@link Deferred} has fixed its command's place in the order and leaves the lane to the next command; any other kind of
 * command first waits until those answers are there. When too much waits, the socket is not read: back-pressure
 * reaches the client through TCP and nothing is dropped.
 */
export class CommandLane {
  private readonly waiting: Arrival[] = [];
  private waitingBytes = 0;
  private running = false;
  private paused = false;
  private outstanding = 0;
  private settled?: () => void;
  private idleWaiters?: (() => void)[];

  private streams?: ReplyStreams;

  constructor(private readonly host: LaneHost) {}

  push(payload: Buffer, isBinary: boolean): void {
    this.accept({ payload, isBinary });
  }

  /** A command that the server gives in the client's name, behind all that the client has sent. */
  submit(frame: Frame): void {
    this.accept({ payload: NO_PAYLOAD, isBinary: false, frame });
  }

  private accept(arrival: Arrival): void {
    this.waiting.push(arrival);
    this.waitingBytes += arrival.payload.length;
    if (!this.paused && this.isFull) this.setPaused(true);
    if (!this.running) this.run();
  }

  get load(): LaneLoad {
    return { frames: this.waiting.length, bytes: this.waitingBytes, outstanding: this.outstanding };
  }

  /** Resolves when every frame that has arrived is answered. */
  idle(): Promise<void> {
    if (!this.running && this.outstanding === 0) return Promise.resolve();
    const waiters = (this.idleWaiters ??= []);
    return new Promise((resolve) => waiters.push(resolve));
  }

  /** No more frames will come: ends the Observables that would keep the lane from ever being idle. */
  finish(): Promise<void> {
    this.streams?.finish();
    return this.idle();
  }

  /** The connection is gone, or told to go: nothing is answered any more. */
  stop(): void {
    this.streams?.stop();
  }

  private get isFull(): boolean {
    return this.waiting.length >= MAX_WAITING || this.waitingBytes >= MAX_WAITING_BYTES;
  }

  /** Goes on in the same turn for as long as nothing has to be awaited. */
  private run(): void {
    this.running = true;
    for (let next = this.take(); next && !this.host.closed; next = this.take()) {
      const busy = this.handle(next);
      if (busy) return void busy.then(() => this.run());
    }
    this.running = false;
    if (this.paused) this.setPaused(false);
    this.wakeIdle();
  }

  private take(): Arrival | undefined {
    const next = this.waiting.shift();
    if (next) this.waitingBytes -= next.payload.length;
    if (this.paused && this.waiting.length <= MAX_WAITING / 2 && this.waitingBytes <= MAX_WAITING_BYTES / 2)
      this.setPaused(false);
    return next;
  }

  private setPaused(paused: boolean): void {
    this.paused = paused;
    if (paused) this.host.pause();
    else this.host.resume();
  }

  private handle(arrival: Arrival): Promise<void> | undefined {
    const room = this.host.room();
    return room ? room.then(() => this.dispatch(arrival)) : this.dispatch(arrival);
  }

  /** Undefined when the next command may begin at once; else what to wait for, which never rejects. */
  private dispatch({ payload, isBinary, frame: own }: Arrival): Promise<void> | undefined {
    const frame = own ?? this.decoded(payload, isBinary);
    if (!frame) return undefined;
    const refusal = own ? undefined : this.host.admit(frame);
    const handler = refusal ? undefined : this.host.handlerOf(frame.type);
    if (handler) return this.execute(handler, frame);
    this.host.refuse(refusal ?? new AppError(ErrorCode.UnknownCommand), frame);
    return undefined;
  }

  /** What is no frame counts against the limits all the same. */
  private decoded(payload: Buffer, isBinary: boolean): Frame | undefined {
    try {
      return this.host.decode(payload, isBinary);
    } catch (error) {
      const id = error instanceof UndecodableFrame ? error.frameId : undefined;
      this.host.refuse(this.host.admit(undefined) ?? error, { id });
      return undefined;
    }
  }

  private execute(handler: CommandHandler, frame: Frame): Promise<void> | undefined {
    return this.outstanding > 0 && !pipelined.has(frame.type)
      ? this.untilOutstanding(0).then(() => this.call(handler, frame))
      : this.call(handler, frame);
  }

  private call(handler: CommandHandler, frame: Frame): Promise<void> | undefined {
    try {
      const result = handler(frame.data);
      return isThenable(result) ? this.answerWhenThere(frame, result) : this.answer(frame, result);
    } catch (error) {
      this.host.refuse(error, frame);
      return undefined;
    }
  }

  private async answerWhenThere(frame: Frame, result: PromiseLike<unknown>): Promise<void> {
    try {
      const answered = this.answer(frame, await result);
      if (answered) await answered;
    } catch (error) {
      this.host.refuse(error, frame);
    }
  }

  private answer(frame: Frame, result: unknown): Promise<void> | undefined {
    const failure = this.host.takeFailure();
    if (failure !== undefined) throw failure;
    if (result instanceof Deferred) {
      pipelined.add(frame.type);
      return this.answerLater(frame, result);
    }
    if (isObservable(result)) return this.answerInParts(frame, result);
    this.reply(frame, result);
    return undefined;
  }

  private async answerInParts(frame: Frame, result: Observable<unknown>): Promise<void> {
    this.streams ??= new ReplyStreams(() => this.host.room());
    try {
      await this.streams.follow(result, (value) => this.reply(frame, value));
      const failure = this.host.takeFailure();
      if (failure !== undefined) throw failure;
    } catch (error) {
      this.host.refuse(error, frame);
    }
  }

  private answerLater(frame: Frame, result: Deferred<unknown>): Promise<void> | undefined {
    this.outstanding++;
    result.onSettled((outcome) => {
      this.outstanding--;
      if (outcome.ok) this.reply(frame, outcome.value);
      else this.host.refuse(outcome.error, frame);
      this.settled?.();
      this.wakeIdle();
    });
    return this.outstanding >= MAX_OUTSTANDING ? this.untilOutstanding(MAX_OUTSTANDING - 1) : undefined;
  }

  private async untilOutstanding(limit: number): Promise<void> {
    while (this.outstanding > limit) await new Promise<void>((resolve) => (this.settled = resolve));
    this.settled = undefined;
  }

  /** `{event, data}` is what Nest calls a WsResponse: an event of the handler's choice instead of `ok`. */
  private reply(frame: Frame, result: unknown): void {
    const silent = frame.id === undefined && (result === undefined || result === null);
    if (silent) return this.host.succeed(frame.type);
    const answer = isWsResponse(result)
      ? { type: result.event, ...idOf(frame), data: result.data }
      : { type: 'ok', ...idOf(frame), data: result ?? null };
    this.host.succeed(frame.type, answer);
  }

  private wakeIdle(): void {
    if (this.running || this.outstanding > 0) return;
    const waiters = this.idleWaiters ?? [];
    this.idleWaiters = undefined;
    for (const wake of waiters) wake();
  }
}

function idOf(frame: Frame): { id?: Frame['id'] } {
  return frame.id === undefined ? {} : { id: frame.id };
}

function isWsResponse(value: unknown): value is { event: string; data: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    typeof (value as { event?: unknown }).event === 'string' &&
    'data' in value
  );
}
