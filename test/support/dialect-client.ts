import { EventEmitter, once } from 'node:events';
import { WebSocket, type ClientOptions } from 'ws';
import { tokenFor } from './raw-client.js';

const TIMEOUT = 10_000;
/** How messages begin that are no part of any test, and kept apart. */
export const USHERED = 'caught up ';
export const USHER = 'usher';

/** A frame of any dialect. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyFrame = Record<string, any>;

export const PATHS = {
  melody: '/api/ws/connect',
  skyeim: '/ws/skyeim',
  kama: '/wss',
  gozero: '/ws/gozero',
} as const;
export type DialectName = keyof typeof PATHS;

export interface DialectOptions {
  /** Null: none in the handshake. */
  token?: string | null;
  query?: Record<string, string>;
  path?: string;
  protocols?: string[];
  ws?: ClientOptions;
  /** Takes the frames, which are then not kept. */
  onFrame?: (frame: AnyFrame) => void;
}

/** A client of an older protocol, as far as it goes: JSON in text frames. What is received is kept, in order. */
export class DialectClient {
  readonly frames: AnyFrame[] = [];
  /** Contents that only say that everything before them is here. */
  readonly ushered = new Set<string>();
  closeCode?: number;
  /** Resolves with the close code. */
  readonly ended: Promise<number>;
  private readonly arrivals = new EventEmitter();

  private constructor(
    readonly user: string,
    readonly socket: WebSocket,
    onFrame?: (frame: AnyFrame) => void,
  ) {
    this.arrivals.setMaxListeners(0);
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as AnyFrame;
      if (onFrame) return onFrame(frame);
      const content = (frame.data ?? frame).content;
      if (typeof content === 'string' && content.startsWith(USHERED)) this.ushered.add(content);
      else this.frames.push(frame);
      this.arrivals.emit('change');
    });
    socket.on('error', () => undefined);
    this.ended = new Promise((resolve) => {
      socket.on('close', (code) => {
        this.closeCode = code;
        this.arrivals.emit('change');
        resolve(code);
      });
    });
  }

  /** Connects as such a client does; rejects with `Unexpected server response: <status>` when refused. */
  static async connect(
    server: { port: number },
    dialect: DialectName,
    user: string,
    options: DialectOptions = {},
  ): Promise<DialectClient> {
    const { token = tokenFor(user), path = PATHS[dialect], protocols = [] } = options;
    const query = new URLSearchParams({ ...namedIn(dialect, user), ...options.query });
    if (token !== null && dialect !== 'kama') query.set('token', token);
    const headers: Record<string, string> =
      token !== null && dialect === 'kama' ? { Authorization: `Bearer ${token}` } : {};
    const scheme = options.ws?.ca ? 'wss' : 'ws';
    const url = `${scheme}://127.0.0.1:${server.port}${path}?${query}`;
    const socket = new WebSocket(url, protocols, { ...options.ws, headers });
    const client = new DialectClient(user, socket, options.onFrame);
    await once(socket, 'open');
    return client;
  }

  send(frame: unknown): void {
    this.socket.send(JSON.stringify(frame));
  }

  sendRaw(data: string | Buffer): void {
    this.socket.send(data);
  }

  /** The first frame from `start` on, received already or to come, that fits. */
  async frame(fits: (frame: AnyFrame) => boolean, start = 0): Promise<AnyFrame> {
    await this.until(() => this.frames.slice(start).some(fits));
    return this.frames.slice(start).find(fits) as AnyFrame;
  }

  type(type: unknown, start = 0): Promise<AnyFrame> {
    return this.frame((frame) => frame.type === type, start);
  }

  /** All so far of a type. */
  all(type: unknown): AnyFrame[] {
    return this.frames.filter((frame) => frame.type === type);
  }

  /** The answer to a frame: the first that comes after it is sent and fits. */
  ask(frame: unknown, fits: (frame: AnyFrame) => boolean): Promise<AnyFrame> {
    const start = this.frames.length;
    if (typeof frame === 'string') this.sendRaw(frame);
    else this.send(frame);
    return this.frame(fits, start);
  }

  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.arrivals.off('change', check);
        settle();
      };
      const check = (): void => (holds() ? finish(resolve) : undefined);
      const timer = setTimeout(() => {
        const last = JSON.stringify(this.frames.slice(-5));
        finish(() => reject(new Error(`${this.user} waited in vain; close ${this.closeCode}; last ${last}`)));
      }, TIMEOUT);
      this.arrivals.on('change', check);
    });
  }

  async closed(): Promise<number> {
    await this.until(() => this.closeCode !== undefined);
    return this.closeCode as number;
  }

  async close(): Promise<void> {
    if (this.closeCode === undefined) this.socket.close(1000);
    await this.closed();
  }
}

function namedIn(dialect: DialectName, user: string): Record<string, string> {
  if (dialect === 'melody') return { user_id: user };
  return dialect === 'kama' ? { client_id: user } : {};
}
