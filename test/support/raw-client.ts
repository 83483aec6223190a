import { createHmac } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import type { CommandName, Commands, ErrorData, Frame } from '@rookery/protocol';
import { TEST_SECRET, type TestServer } from './server.js';

const EVENT_TIMEOUT = 10_000;

/** A token as any issuer would make it: HS256 with the test secret. */
export function tokenFor(user: string, claims: Record<string, unknown> = {}): string {
  const now = Math.floor(Date.now() / 1000);
  const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part({ sub: user, iat: now, exp: now + 3600, ...claims })}`;
  return `${body}.${createHmac('sha256', TEST_SECRET).update(body).digest('base64url')}`;
}

/** A refused command. */
export class CommandError extends Error {
  constructor(readonly data: ErrorData) {
    super(`${data.code}: ${data.message}`);
  }
}

export interface ConnectOptions {
  query?: Record<string, string>;
  token?: string | null;
  ws?: ClientOptions;
  protocols?: string[];
  path?: string;
}

/** The native protocol without an SDK: what is received is kept, in order. */
export class RawClient {
  readonly frames: Frame[] = [];
  closeCode?: number;
  closeReason?: string;
  private readonly arrivals = new EventEmitter();
  private nextId = 1;

  private constructor(
    readonly user: string,
    readonly socket: WebSocket,
  ) {
    this.arrivals.setMaxListeners(0);
    socket.on('message', (data: Buffer) => this.receive(JSON.parse(data.toString()) as Frame));
    socket.on('error', () => undefined);
    socket.on('close', (code, reason) => {
      this.closeCode = code;
      this.closeReason = reason.toString();
      this.arrivals.emit('closed');
    });
  }

  /** Connects, over TLS when there is a `ws.ca`, and, unless the token is null, waits for the hello. */
  static async connect(
    server: Pick<TestServer, 'port'>,
    user: string,
    options: ConnectOptions = {},
  ): Promise<RawClient> {
    const { query = {}, token = tokenFor(user), path = '/ws', protocols = [] } = options;
    const scheme = options.ws?.ca ? 'wss' : 'ws';
    const url = `${scheme}://127.0.0.1:${server.port}${path}?${new URLSearchParams(query)}`;
    const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
    const socket = new WebSocket(url, protocols, {
      ...options.ws,
      headers: { ...headers, ...options.ws?.headers },
    });
    const client = new RawClient(user, socket);
    await once(socket, 'open');
    if (token !== null) await client.event('hello');
    return client;
  }

  /** Sends a command and resolves with the data of its `ok`; rejects with CommandError. */
  async call<Name extends CommandName>(
    type: Name,
    data?: Commands[Name]['data'],
  ): Promise<Commands[Name]['reply']> {
    const id = this.nextId++;
    this.sendFrame({ type, id, data });
    const reply = await this.frame((frame) => frame.id === id);
    if (reply.type === 'error') throw new CommandError(reply.data as ErrorData);
    return reply.data as Commands[Name]['reply'];
  }

  sendFrame(frame: unknown): void {
    this.sendRaw(JSON.stringify(frame));
  }

  sendRaw(data: string | Buffer): void {
    this.socket.send(data);
  }

  async event(type: string): Promise<Frame> {
    return this.frame((frame) => frame.type === type);
  }

  /** The first frame, received already or to come, that fits. */
  async frame(fits: (frame: Frame) => boolean): Promise<Frame> {
    await this.until(() => this.frames.some(fits));
    return this.frames.find(fits) as Frame;
  }

  /** Data of every event of this name so far. */
  dataOf<Data>(type: string): Data[] {
    return this.frames.filter((frame) => frame.type === type).map((frame) => frame.data as Data);
  }

  /** Resolves when the condition holds; looked at whenever a frame arrives or the socket closes. */
  until(holds: () => boolean, timeout = EVENT_TIMEOUT): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.arrivals.off('frame', check).off('closed', check);
        settle();
      };
      const check = (): void => (holds() ? finish(resolve) : undefined);
      const last = (): string => JSON.stringify(this.frames.slice(-3));
      const timer = setTimeout(
        () =>
          finish(() =>
            reject(new Error(`${this.user} waited in vain; close ${this.closeCode}; last ${last()}`)),
          ),
        timeout,
      );
      this.arrivals.on('frame', check).on('closed', check);
    });
  }

  async closed(): Promise<number> {
    await this.until(() => this.closeCode !== undefined);
    return this.closeCode as number;
  }

  async close(): Promise<void> {
    if (this.socket.readyState === WebSocket.CLOSED) return;
    this.socket.close(1000);
    await this.closed();
  }

  terminate(): void {
    this.socket.terminate();
  }

  private receive(frame: Frame): void {
    this.frames.push(frame);
    this.arrivals.emit('frame');
  }
}
