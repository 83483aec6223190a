import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { clientFrame, FrameScanner, Opcode, type OnFrame } from './frames.js';
import { tokenFor } from './token.js';

export interface SocketOptions {
  port: number;
  /** Whose token is brought; the yardsticks without authentication read the name from a header. */
  user: string;
  token?: string;
  path?: string;
  /** One of 127.0.0.0/8: each has ports of its own. */
  localAddress?: string;
  onFrame: OnFrame;
  /** After all frames of one read. */
  onRead?: () => void;
}

/** Read buffers are shared: a frame is looked at before the next read. */
const shared = Buffer.allocUnsafe(64 * 1024);

/** A WebSocket that costs its process little: no objects per frame, pings are answered, writes of one turn are joined. */
export class ClientSocket {
  private readonly scanner: FrameScanner;
  private handshake = '';
  private waiting: Buffer[] = [];
  private opened?: () => void;
  private refused?: (error: Error) => void;
  isOpen = false;
  closed = false;

  private constructor(
    readonly socket: Socket,
    onFrame: OnFrame,
  ) {
    this.scanner = new FrameScanner((opcode, data, start, end) => {
      if (opcode === Opcode.Text) onFrame(opcode, data, start, end);
      else this.control(opcode, data, start, end, onFrame);
    });
  }

  /** Resolves after the upgrade; frames may come before. */
  static open(options: SocketOptions): Promise<ClientSocket> {
    const { port, user, path = '/ws', token = tokenFor(user), localAddress, onFrame, onRead } = options;
    return new Promise((resolve, reject) => {
      const read = (bytes: number): boolean => {
        client.read(shared.subarray(0, bytes));
        onRead?.();
        return true;
      };
      const socket = connect({
        host: '127.0.0.1',
        port,
        localAddress,
        onread: { buffer: shared, callback: read },
      });
      const client = new ClientSocket(socket, onFrame);
      client.opened = () => resolve(client);
      client.refused = reject;
      socket.setNoDelay(true);
      socket.on('error', (error) => reject(error));
      socket.on('close', () => {
        client.closed = true;
        reject(new Error('The connection was closed'));
      });
      socket.write(handshakeOf(path, port, user, token));
    });
  }

  send(payload: string): void {
    this.write(clientFrame(payload));
  }

  /** What is written in one turn leaves in one piece. */
  write(frame: Buffer): void {
    if (this.waiting.push(frame) === 1) queueMicrotask(() => this.flush());
  }

  /** Without a close frame. */
  destroy(): void {
    this.socket.destroy();
  }

  private flush(): void {
    const frames = this.waiting;
    this.waiting = [];
    if (!this.socket.destroyed)
      this.socket.write(frames.length === 1 ? (frames[0] as Buffer) : Buffer.concat(frames));
  }

  private read(chunk: Buffer): void {
    if (this.isOpen) return this.scanner.push(chunk);
    this.handshake += chunk.toString('latin1');
    const end = this.handshake.indexOf('\r\n\r\n');
    if (end < 0) return;
    if (!this.handshake.startsWith('HTTP/1.1 101')) {
      this.refused?.(new Error(`Refused: ${this.handshake.slice(0, 500)}`));
      return void this.socket.destroy();
    }
    this.isOpen = true;
    const rest = Buffer.from(this.handshake.slice(end + 4), 'latin1');
    this.handshake = '';
    this.opened?.();
    if (rest.length > 0) this.scanner.push(rest);
  }

  private control(opcode: number, data: Buffer, start: number, end: number, onFrame: OnFrame): void {
    if (opcode === Opcode.Ping) this.write(clientFrame(Buffer.from(data.subarray(start, end)), Opcode.Pong));
    else if (opcode === Opcode.Close) this.socket.end();
    else onFrame(opcode, data, start, end);
  }
}

function handshakeOf(path: string, port: number, user: string, token: string): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: 127.0.0.1:${port}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Authorization: Bearer ${token}`,
    `X-User: ${user}`,
    '\r\n',
  ].join('\r\n');
}
