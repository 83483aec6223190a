import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { concatMap, isObservable, lastValueFrom } from 'rxjs';
import type { RawData, WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { CloseCode, ErrorCode, type CommandName, type Commands, type Frame } from '@rookery/protocol';
import type { Principal } from '../auth/index.js';
import { AppError, type Deferred } from '../common/index.js';
import type { Codec, Connection } from '../hub/index.js';
import { CommandHandlers, type CommandHandler } from './command-handlers.js';
import { CommandLane, NO_LOAD, type LaneHost, type LaneLoad } from './command-lane.js';
import { ClientDescription } from './handshake.js';
import type { Dialect } from './dialects/index.js';
import type { DialectHost, Translation } from './dialects/translation.js';
import type { FrameDeflater } from './frame-deflater.js';
import { inflateWithoutKeeping, takesCompressed } from './message-compression.js';
import type { RookerySocket } from './rookery-socket.js';
import { schemaRefusal } from './schema.pipe.js';
import { settled } from './settled-replies.js';
import { SocketWriter } from './socket-writer.js';

export const AuthSchema = ClientDescription.extend({ token: z.string().min(1).max(8192) }).strict();
export type AuthCommand = z.infer<typeof AuthSchema>;

/** What a session asks of the rest of the transport. */
export interface SessionHost {
  /** Users connected to this node. */
  readonly onlineCount: number;
  /** Milliseconds for the first frame to bring a token. */
  readonly authTimeout: number;
  authenticate(session: ClientSession, command: AuthCommand): Promise<Principal>;
  /** Makes the session a connection: registered, greeted, told to the gateways that have hooks for it. */
  open(
    session: ClientSession,
    principal: Principal,
    client: ClientDescription,
    request: IncomingMessage,
  ): Connection;
  admit(connection: Connection): AppError | undefined;
  /** Turns whatever was thrown into the refusal that the client sees; logs and counts it. */
  explain(error: unknown, session: ClientSession, command: string | undefined): AppError;
  succeeded(command: string): void;
  /** For a client that cannot say itself how far it has come. Never throws. */
  markDelivered(connection: Connection, conversation: string, seq: number): Deferred<null>;
  /** The handler of a command at the path of the session. */
  handlerOf(session: ClientSession, command: string): CommandHandler | undefined;
  /** The peer or the network broke the protocol; the socket closes by itself. */
  failed(session: ClientSession, error: Error): void;
  ended(session: ClientSession, code: number): void;
}

/** Called when a connection has ended, with what its close frame said. */
export type EndListener = (code: number, reason: Buffer) => void;

/** What is behind a path; one object for all who come through it. */
export interface Entrance {
  /** Where the gateways of the path listen. */
  endpoint: WebSocketServer;
  codec: Codec;
  /** For connections that have agreed on compression; absent: none can. */
  deflater?: FrameDeflater;
  /** Absent: the native protocol. */
  dialect?: Dialect;
}

/** What is needed to open a connection, and larger than all that is needed afterwards. */
export interface Opening {
  request: IncomingMessage;
  client: ClientDescription;
}

/** Refusals in a row after which a client that does not listen is cut. */
const MAX_MALFORMED = 50;
const MAX_RATE_LIMITED = 5000;
/** Frames before the one with the token that are answered where a format lets a client go on. */
const MAX_UNAUTHENTICATED = 10;
/** Bytes waiting for a socket above which its pings are not answered. */
const MAX_PONG_BACKLOG = 64 * 1024;
const NONE = { defaultValue: undefined };

/** One WebSocket from its upgrade to its end: its lane, its writer, and, once authenticated, its connection. */
export class ClientSession implements LaneHost, DialectHost {
  readonly writer: SocketWriter;
  /** Absent: the native protocol. */
  readonly translation?: Translation;
  /** Bound by Nest, at the latest for the first command that has to go through it. */
  handlers?: CommandHandlers;
  connection?: Connection;
  /** Whether the socket is closed. */
  gone = false;

  /** From the first frame on. */
  private lane?: CommandLane;
  private failure: unknown;
  private authTimer?: NodeJS.Timeout;
  /** Until the connection is open. */
  private opening?: Opening;
  private endListeners?: EndListener[];
  private malformed = 0;
  private rateLimited = 0;
  private unauthenticated = 0;

  constructor(
    readonly socket: RookerySocket,
    readonly entrance: Entrance,
    readonly ip: string,
    opening: Opening,
    stream: Duplex,
    private readonly host: SessionHost,
  ) {
    socket.session = this;
    this.opening = opening;
    const deflater = takesCompressed(socket) ? entrance.deflater : undefined;
    this.writer = new SocketWriter(socket, stream, this, deflater);
    this.translation = entrance.dialect?.open(this);
    inflateWithoutKeeping(socket);
    listenTo(socket);
  }

  /** With a principal from the handshake the connection opens at once, else the first frame has to bring one. */
  start(principal: Principal | undefined): void {
    this.writer.begin();
    if (principal) this.connection = this.open(principal);
    else
      this.authTimer = setTimeout(
        () => this.close(CloseCode.Unauthenticated, 'no token in time'),
        this.host.authTimeout,
      );
  }

  /** Whoever was told to go is not heard any more, however long a hostile client keeps its end open. */
  get closed(): boolean {
    return this.gone || this.writer.ended;
  }

  /** What the client said about itself in the handshake. */
  get described(): ClientDescription {
    return this.opening?.client ?? {};
  }

  get load(): LaneLoad {
    return this.lane?.load ?? NO_LOAD;
  }

  close(code: number, reason: string): void {
    this.writer.close(code, reason);
    this.lane?.stop();
  }

  /** No further frame is read; resolves when those that were are answered. */
  async finish(): Promise<void> {
    this.socket.pause();
    this.translation?.end();
    await this.lane?.finish();
  }

  decode(payload: Buffer, isBinary: boolean): Frame {
    return (this.translation ?? this.entrance.codec).decode(payload, isBinary);
  }

  get onlineCount(): number {
    return this.host.onlineCount;
  }

  /** Queues a command that the dialect gives in the client's name. */
  submit(frame: Frame): void {
    if (!this.closed) (this.lane ??= new CommandLane(this)).submit(frame);
  }

  /** Only within the handler of a command: it is the one in hand whose failure this would take. */
  async call<Name extends CommandName>(
    command: Name,
    data: Commands[Name]['data'],
  ): Promise<Commands[Name]['reply']> {
    const result = await this.host.handlerOf(this, command)?.(data);
    // With an interceptor it is an Observable.
    const replies = isObservable(result) ? result.pipe(concatMap(settled)) : settled(result);
    const reply = await lastValueFrom(replies, NONE);
    const failure = this.takeFailure();
    if (failure !== undefined) throw failure;
    return reply as Commands[Name]['reply'];
  }

  beforeFlush(last: () => Buffer | undefined): void {
    this.writer.beforeFlush(last);
  }

  writeFrame(frame: Buffer): void {
    this.writer.write(frame);
  }

  /** Not one of the commands of the lane: also when that waits, or was stopped. */
  markDelivered(conversation: string, seq: number): Deferred<null> | undefined {
    return this.connection && this.host.markDelivered(this.connection, conversation, seq);
  }

  /** The frame itself is never seen, and the connection ends; a dialect has said before what it is for. */
  refuseTooLarge(): void {
    if (!this.translation) return;
    this.write({ type: 'error', data: new AppError(ErrorCode.TooLarge).toData() });
    this.writer.flush();
  }

  admit(frame: Frame | undefined): AppError | undefined {
    if (this.connection) return this.host.admit(this.connection);
    return !frame || frame.type === 'auth'
      ? undefined
      : new AppError(ErrorCode.Unauthenticated, { message: 'Send auth first' });
  }

  handlerOf(type: string): CommandHandler | undefined {
    if (!this.connection) return (data) => this.firstAuth(data);
    return this.translation?.handlerOf(type) ?? this.host.handlerOf(this, type);
  }

  /** Called by the error filter: what the command in hand failed with. */
  fail(error: unknown): void {
    this.failure = error;
  }

  takeFailure(): unknown {
    const failure = this.failure;
    this.failure = undefined;
    return failure;
  }

  succeed(command: string, answer?: Frame): void {
    this.malformed = this.rateLimited = 0;
    this.host.succeeded(command);
    if (answer) this.write(answer);
  }

  refuse(error: unknown, { id, type }: { id?: Frame['id']; type?: string }): void {
    const refusal = this.host.explain(error, this, type);
    this.write({ type: 'error', ...(id !== undefined && { id }), data: refusal.toData() });
    if (this.connection) this.countStrike(refusal.code);
    else if (!this.mayTryAgain(type)) this.close(CloseCode.Unauthenticated, refusal.code);
  }

  room(): Promise<void> | undefined {
    return this.connection?.congested ? this.connection.room() : undefined;
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    if (!this.gone) this.socket.resume();
  }

  private write(frame: Frame): void {
    if (this.connection) this.connection.reply(frame);
    else this.writer.write(this.translation?.reply(frame) ?? this.entrance.codec.encode(frame));
  }

  /** Whether a client that has not brought a token yet may go on after a refusal: while the time for it lasts. */
  private mayTryAgain(type: string | undefined): boolean {
    if (!this.entrance.dialect?.patient || type === 'auth') return false;
    return ++this.unauthenticated < MAX_UNAUTHENTICATED;
  }

  private open(principal: Principal, told: ClientDescription = {}): Connection {
    const { request, client } = this.opening as Opening;
    this.opening = undefined;
    return this.host.open(this, principal, { ...client, ...told }, request);
  }

  private async firstAuth(data: unknown): Promise<Commands['auth']['reply'] | undefined> {
    const command = AuthSchema.safeParse(data);
    if (!command.success) throw schemaRefusal(command.error.issues);
    const principal = await this.host.authenticate(this, command.data);
    if (this.closed) return undefined;
    clearTimeout(this.authTimer);
    this.connection = this.open(principal, definedOf(command.data));
    return { user: principal.userId, expiresAt: principal.expiresAt ?? null };
  }

  private countStrike(code: ErrorCode): void {
    if (code === ErrorCode.BadFrame || code === ErrorCode.TooDeep) this.malformed++;
    if (code === ErrorCode.RateLimited) this.rateLimited++;
    if (this.malformed >= MAX_MALFORMED) this.close(CloseCode.ProtocolViolation, 'too many malformed frames');
    if (this.rateLimited >= MAX_RATE_LIMITED) this.close(CloseCode.RateLimited, 'over the rate limit');
  }

  onEnd(listener: EndListener): void {
    this.endListeners ??= [];
    this.endListeners.push(listener);
  }

  /** Called by the writer: whoever closes the connection, this is the last moment to write. */
  ending(): void {
    this.translation?.end();
  }

  /** Called by the writer. */
  drained(): void {
    this.connection?.drained();
  }

  failed(error: Error): void {
    this.host.failed(this, error);
  }

  onMessage(data: Buffer, isBinary: boolean): void {
    if (this.closed) return;
    this.sawLife();
    this.lane ??= new CommandLane(this);
    this.lane.push(data, isBinary);
  }

  /** The client has answered a ping. */
  onPong(data: Buffer): void {
    this.sawLife();
    if (data.length > 0) this.translation?.answered(data.toString('latin1'));
  }

  /** Whoever pings without reading must not make the answers pile up. */
  pong(data: Buffer): void {
    this.sawLife();
    if (this.writer.bufferedBytes < MAX_PONG_BACKLOG) this.socket.pong(data);
  }

  sawLife(): void {
    if (this.connection) this.connection.lastSeen = Date.now();
  }

  onClose(code: number, reason: Buffer): void {
    this.translation?.closed();
    this.gone = true;
    clearTimeout(this.authTimer);
    this.lane?.stop();
    this.connection?.markClosed();
    this.host.ended(this, code);
    for (const listener of this.endListeners ?? []) listener(code, reason);
  }
}

/** Functions that all sockets share, instead of five made for each. */
function listenTo(socket: RookerySocket): void {
  socket
    .on('message', onMessage)
    .on('ping', onPing)
    .on('pong', onPong)
    .on('error', onError)
    .on('close', onClose);
}

function onMessage(this: WebSocket, data: RawData, isBinary: boolean): void {
  sessionOf(this)?.onMessage(data as Buffer, isBinary);
}

function onPing(this: WebSocket, data: Buffer): void {
  sessionOf(this)?.pong(data);
}

function onPong(this: WebSocket, data: Buffer): void {
  sessionOf(this)?.onPong(data);
}

function onError(this: WebSocket, error: Error): void {
  sessionOf(this)?.failed(error);
}

function onClose(this: WebSocket, code: number, reason: Buffer): void {
  sessionOf(this)?.onClose(code, reason);
}

const sessionOf = (socket: WebSocket): ClientSession | undefined => (socket as RookerySocket).session;

function definedOf({ device, platform, sync }: ClientDescription): ClientDescription {
  return { ...(device && { device }), ...(platform && { platform }), ...(sync && { sync }) };
}
