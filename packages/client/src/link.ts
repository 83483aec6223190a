import {
  ErrorCode,
  SUBPROTOCOL,
  type CommandName,
  type Commands,
  type ErrorData,
  type Events,
  type Frame,
  type Hello,
} from '@rookery/protocol';
import type { Clock } from './clock.js';
import { PendingReplies } from './pending-replies.js';
import { RookeryError, connectionLost } from './rookery-error.js';
import { StateCode } from './state.js';
import { Watchdog } from './watchdog.js';
import type { WebSocketConstructor, WebSocketLike } from './web-socket.js';

const AUTH = 'auth';

/** How a link ended. */
export interface LinkEnd {
  /** A close code, or a {@link StateCode} when this side gave up. */
  code: number;
  reason: string;
  /** Seconds that the server asked to wait. */
  retryAfter?: number;
  /** Why the token was refused. */
  refusal?: ErrorData;
}

export interface LinkOptions {
  url: string;
  webSocket: WebSocketConstructor;
  token: string;
  clock: Clock;
  connectionTimeout: number;
  commandTimeout: number;
}

export interface LinkHandlers {
  onHello(hello: Hello): void;
  /** Every frame of the server that answers no command, the hello excepted. */
  onFrame(frame: Frame): void;
  /** Called once, unless {@link Link.close} came before. */
  onEnd(end: LinkEnd): void;
}

/** One WebSocket from its opening to its end. The token goes in the first frame, so that a refusal says why. */
export class Link {
  hello?: Hello;

  private readonly socket: WebSocketLike;
  private readonly replies: PendingReplies;
  private readonly stopTimer: () => void;
  private watchdog?: Watchdog;
  private refusal?: ErrorData;
  private retryAfter?: number;
  private over = false;

  constructor(
    private readonly options: LinkOptions,
    private readonly handlers: LinkHandlers,
  ) {
    const { clock, commandTimeout, connectionTimeout, webSocket: Socket, url } = options;
    this.replies = new PendingReplies(clock, commandTimeout);
    this.stopTimer = clock.after(connectionTimeout, () =>
      this.give(StateCode.ConnectTimeout, 'no hello in time'),
    );
    this.socket = new Socket(url, [SUBPROTOCOL]);
    this.listen();
  }

  /**
   * Resolves with the data of the `ok`, which `onReply` has in the order of the frames. Rejects with what the server
   * answered, `timeout` or `connection_lost`.
   */
  request<Name extends CommandName>(
    type: Name,
    data: Commands[Name]['data'],
    onReply?: (data: Commands[Name]['reply']) => void,
  ): Promise<Commands[Name]['reply']> {
    const id = this.replies.newId();
    const text = JSON.stringify({ type, id, data });
    this.assertFits(text);
    this.socket.send(text);
    return this.replies.of(id, onReply) as Promise<Commands[Name]['reply']>;
  }

  /** Without an id: answered only when it fails. */
  tell<Name extends CommandName>(type: Name, data: Commands[Name]['data']): void {
    this.write({ type, data });
  }

  /** Ends it from this side, without a word to the handlers. */
  close(): void {
    this.stopTimer();
    this.watchdog?.stop();
    this.over = true;
    this.socket.close(1000);
    this.replies.failAll(connectionLost());
  }

  /** Ends it from this side, and says so to the handlers. */
  give(code: number, reason: string): void {
    this.close();
    const { retryAfter, refusal } = this;
    this.handlers.onEnd({
      code,
      reason,
      ...(retryAfter !== undefined && { retryAfter }),
      ...(refusal && { refusal }),
    });
  }

  private listen(): void {
    const { socket } = this;
    socket.addEventListener('open', () =>
      this.write({ type: AUTH, id: AUTH, data: { token: this.options.token } }),
    );
    socket.addEventListener('message', ({ data }) => {
      if (!this.over) this.receive(JSON.parse(String(data)) as Frame);
    });
    socket.addEventListener('close', ({ code, reason }) => {
      if (!this.over) this.give(code, reason);
    });
    // What went wrong is told by the close that follows.
    socket.addEventListener('error', () => undefined);
  }

  private receive(frame: Frame): void {
    this.watchdog?.sawLife();
    if (this.replies.settle(frame)) return;
    if (frame.id === AUTH) return this.authenticated(frame);
    // It came after its time-out, and is no push, though it may name a place: its command is repeated.
    if (frame.type === 'ok') return;
    if (frame.type === 'hello') return this.greeted(frame.data as Hello);
    if (frame.type === 'goaway') this.retryAfter = (frame.data as Events['goaway']).retryAfter;
    this.handlers.onFrame(frame);
  }

  private authenticated({ type, data }: Frame): void {
    if (type !== 'error') return;
    this.refusal = data as ErrorData;
    this.retryAfter = this.refusal.retryAfter;
  }

  private greeted(hello: Hello): void {
    this.hello = hello;
    this.stopTimer();
    this.watchdog = new Watchdog(
      this.options.clock,
      hello.heartbeat.interval * 1000,
      () => this.tell('ping', undefined),
      () => this.give(StateCode.NoSignOfLife, 'no sign of life'),
    );
    this.handlers.onHello(hello);
  }

  private write(frame: Frame): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** A frame that is too big costs the connection, and would cost the next one too. */
  private assertFits(text: string): void {
    const limit = this.hello?.limits.maxMessageSize ?? Infinity;
    if (text.length * 3 <= limit || new TextEncoder().encode(text).length <= limit) return;
    throw new RookeryError(ErrorCode.TooLarge, `The frame would have more than ${limit} bytes`);
  }
}
