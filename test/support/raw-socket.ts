import { EventEmitter } from 'node:events';
import type { Socket } from 'node:net';
import type { ErrorData, Frame } from '@rookery/protocol';
import { tokenFor } from './raw-client.js';
import {
  inflatedPayload,
  Opcode,
  rawFrame,
  readFrame,
  type FrameShape,
  type ReceivedFrame,
} from './raw-frames.js';
import { converse, handshakeText, openSocket, type Headers } from './raw-http.js';

const TIMEOUT = 15_000;

export interface RawSocketOptions {
  /** Null: no token in the handshake. */
  token?: string | null;
  headers?: Headers;
  target?: string;
  ca?: string;
  /** Whether a close frame is answered by hanging up; default true. */
  polite?: boolean;
}

/** A WebSocket of which every byte is ours: for frames that no library would send. */
export class RawSocket {
  readonly frames: Frame[] = [];
  /** Those of them that came compressed. */
  readonly compressed: Frame[] = [];
  readonly pongs: Buffer[] = [];
  /** Of the close frame; undefined: there was none. */
  closeCode?: number;
  closeReason?: string;
  ended = false;
  private readonly arrivals = new EventEmitter();
  private received: Buffer;
  private nextId = 1;

  private constructor(
    readonly socket: Socket,
    received: Buffer,
    private readonly polite: boolean,
  ) {
    this.received = received;
    this.arrivals.setMaxListeners(0);
    socket.on('data', (chunk: Buffer) => this.read(chunk));
    socket.on('close', () => {
      this.ended = true;
      this.arrivals.emit('change');
    });
    socket.resume();
    this.read(Buffer.alloc(0));
  }

  /** Makes a real handshake; unless the token is null, waits for the hello. */
  static async connect(
    server: { port: number },
    user: string,
    options: RawSocketOptions = {},
  ): Promise<RawSocket> {
    const { token = tokenFor(user), headers, target, ca, polite = true } = options;
    const socket = await openSocket({ port: server.port, ca });
    const authorization = token === null ? undefined : `Bearer ${token}`;
    const result = await converse(
      socket,
      handshakeText({ target, headers: { Authorization: authorization, ...headers } }),
    );
    if (result?.answer.status !== 101) throw new Error(`Handshake answered ${result?.answer.status}`);
    const raw = new RawSocket(socket, result.rest, polite);
    if (token !== null) await raw.frame(({ type }) => type === 'hello');
    return raw;
  }

  send(...shapes: (FrameShape | string | Buffer)[]): void {
    this.socket.write(
      Buffer.concat(shapes.map((shape) => (Buffer.isBuffer(shape) ? shape : rawFrame(shape)))),
    );
  }

  sendJson(value: unknown): void {
    this.send(JSON.stringify(value));
  }

  /** Sends a command and resolves with its answer, whatever that is. */
  async answerTo(type: string, data?: unknown): Promise<Frame> {
    const id = `raw-${this.nextId++}`;
    this.sendJson({ type, id, data });
    return this.frame((frame) => frame.id === id);
  }

  async frame(fits: (frame: Frame) => boolean): Promise<Frame> {
    await this.until(() => this.frames.some(fits));
    return this.frames.find(fits) as Frame;
  }

  /** The error frames so far. */
  get errors(): (ErrorData & { id?: Frame['id'] })[] {
    return this.frames
      .filter(({ type }) => type === 'error')
      .map(({ id, data }) => ({ ...(data as ErrorData), ...(id !== undefined && { id }) }));
  }

  /** Resolves, when the connection is gone, with the code of its close frame. */
  async closed(): Promise<number | undefined> {
    await this.until(() => this.ended);
    return this.closeCode;
  }

  until(holds: () => boolean): Promise<void> {
    if (holds()) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        this.arrivals.off('change', check);
        settle();
      };
      const check = (): void => {
        if (holds()) finish(resolve);
        else if (this.ended) finish(() => reject(this.vain('the connection ended')));
      };
      const timer = setTimeout(() => finish(() => reject(this.vain('time is up'))), TIMEOUT);
      this.arrivals.on('change', check);
    });
  }

  destroy(): void {
    this.socket.destroy();
  }

  private vain(why: string): Error {
    const last = JSON.stringify(this.frames.slice(-3));
    return new Error(`Waited in vain, ${why}; close ${this.closeCode} ${this.closeReason}; last ${last}`);
  }

  private read(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    for (let next = readFrame(this.received); next; next = readFrame(this.received)) {
      this.received = next.rest;
      this.take(next.frame);
    }
    this.arrivals.emit('change');
  }

  private take({ opcode, compressed, payload }: ReceivedFrame): void {
    if (opcode === Opcode.Text) this.takeText(compressed, compressed ? inflatedPayload(payload) : payload);
    else if (opcode === Opcode.Pong) this.pongs.push(payload);
    else if (opcode === Opcode.Close) {
      this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
      this.closeReason = payload.subarray(2).toString();
      if (this.polite) this.socket.end();
    }
  }

  private takeText(compressed: boolean, text: Buffer): void {
    const frame = JSON.parse(text.toString()) as Frame;
    this.frames.push(frame);
    if (compressed) this.compressed.push(frame);
  }
}
