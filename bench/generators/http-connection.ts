import { connect, type Socket } from 'node:net';

const CREATED = 'HTTP/1.1 201';
const LENGTH = /content-length: (\d+)/i;
const END_OF_HEAD = '\r\n\r\n';

/** One kept-alive connection with at most one request outstanding, and nothing of an HTTP client that costs. */
export class HttpConnection {
  private readonly socket: Socket;
  private received = '';
  private answered?: (created: boolean) => void;

  constructor(
    private readonly port: number,
    private readonly path: string,
    private readonly token: string,
  ) {
    this.socket = connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.setEncoding('latin1');
    this.socket.on('data', (text: string) => this.read(text));
    this.socket.on('error', () => this.answer(false));
    this.socket.on('close', () => this.answer(false));
  }

  get isFree(): boolean {
    return this.answered === undefined;
  }

  /** Calls back with whether it was created (201). */
  post(body: string, answered: (created: boolean) => void): void {
    this.answered = answered;
    this.socket.write(
      `POST ${this.path} HTTP/1.1\r\nHost: 127.0.0.1:${this.port}\r\nAuthorization: Bearer ${this.token}\r\n` +
        `Content-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
    );
  }

  destroy(): void {
    this.socket.destroy();
  }

  private read(text: string): void {
    this.received += text;
    const head = this.received.indexOf(END_OF_HEAD);
    if (head < 0) return;
    const length = Number(LENGTH.exec(this.received)?.[1] ?? 0);
    if (this.received.length < head + END_OF_HEAD.length + length) return;
    const created = this.received.startsWith(CREATED);
    if (!created) process.stderr.write(`${this.received}\n`);
    this.received = '';
    this.answer(created);
  }

  private answer(created: boolean): void {
    const { answered } = this;
    this.answered = undefined;
    answered?.(created);
  }
}
