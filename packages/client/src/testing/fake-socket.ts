import type { Frame } from '@rookery/protocol';
import type { WebSocketConstructor, WebSocketLike } from '../web-socket.js';

type EventName = 'open' | 'message' | 'close' | 'error';

/** What a {@link FakeSocket} talks to. */
export interface FakePeer {
  /** Called a moment after the socket was made; false: the handshake fails. */
  opened(socket: FakeSocket): boolean;
  receive(socket: FakeSocket, frame: Frame): void;
  closed(socket: FakeSocket, code: number): void;
}

/** A WebSocket without a network: what is written arrives a microtask later, and in order. */
export class FakeSocket implements WebSocketLike {
  readonly url: URL;
  open = false;
  private over = false;
  private readonly listeners: Partial<Record<EventName, (event: never) => void>> = {};

  constructor(
    private readonly peer: FakePeer,
    url: string,
    readonly protocols: string[] = [],
  ) {
    this.url = new URL(url);
    queueMicrotask(() => this.start());
  }

  addEventListener(type: EventName, listener: (event: never) => void): void {
    this.listeners[type] = listener;
  }

  send(data: string): void {
    if (!this.open) throw new Error('The socket is not open');
    queueMicrotask(() => {
      if (!this.over) this.peer.receive(this, JSON.parse(data) as Frame);
    });
  }

  /** By the client. What was sent before arrives before. */
  close(code = 1005): void {
    this.open = false;
    queueMicrotask(() => this.end(code, ''));
  }

  /** To the client, all in one turn; without a word if the socket is gone. */
  deliver(...frames: Frame[]): void {
    const chunk = frames.map((frame) => JSON.stringify(frame));
    queueMicrotask(() => {
      for (const data of chunk) if (this.open) this.fire('message', { data });
    });
  }

  /** By the server, or by the network with 1006. What was delivered before arrives before. */
  drop(code: number, reason = ''): void {
    queueMicrotask(() => this.end(code, reason));
  }

  private start(): void {
    this.open = this.peer.opened(this);
    if (this.open) this.fire('open', {});
    else this.end(1006, '');
  }

  private end(code: number, reason: string): void {
    if (this.over) return;
    this.over = true;
    this.open = false;
    this.peer.closed(this, code);
    this.fire('close', { code, reason });
  }

  private fire(type: EventName, event: unknown): void {
    this.listeners[type]?.(event as never);
  }
}

/** The class that a client is given as its WebSocket. */
export const socketClassOf = (peer: FakePeer): WebSocketConstructor =>
  class extends FakeSocket {
    constructor(url: string, protocols?: string[]) {
      super(peer, url, protocols);
    }
  };
