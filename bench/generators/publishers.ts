import { begins } from './chat-wire.js';
import { ClientSocket } from './client-socket.js';
import { HttpConnection } from './http-connection.js';
import { tokenFor } from './token.js';

const REFUSAL = Buffer.from('{"type":"error"');

/** Gives the server a message for everybody. */
export interface Publisher {
  /** False: it would have to wait for an answer. */
  readonly isReady: boolean;
  publish(content: string): void;
  /** Messages that the server has refused. */
  readonly refused: number;
  close(): void;
}

/** Requests of a back-end service, several outstanding. */
export class HttpPublisher implements Publisher {
  refused = 0;
  private readonly connections: HttpConnection[];
  private readonly free: HttpConnection[];
  private readonly waiting: string[] = [];

  constructor(
    port: number,
    connections: number,
    private readonly bodyOf: (content: string) => string,
    /** Something can be sent again. */
    private readonly onReady: () => void,
  ) {
    const token = tokenFor('publisher', { role: 'admin' });
    this.connections = Array.from(
      { length: connections },
      () => new HttpConnection(port, '/api/ws/broadcast', token),
    );
    this.free = [...this.connections];
  }

  get isReady(): boolean {
    return this.free.length > 0;
  }

  /** Waits for its turn when every connection is taken, as a message of a paced publisher may. */
  publish(content: string): void {
    const connection = this.free.pop();
    if (connection) this.post(connection, content);
    else this.waiting.push(content);
  }

  close(): void {
    for (const connection of this.connections) connection.destroy();
  }

  private post(connection: HttpConnection, content: string): void {
    connection.post(this.bodyOf(content), (created) => {
      if (!created) this.refused++;
      const next = this.waiting.shift();
      if (next !== undefined) return this.post(connection, next);
      this.free.push(connection);
      this.onReady();
    });
  }
}

export interface SocketPublisherOptions {
  port: number;
  path: string;
  token?: string;
  /** What the socket sends first; the answer begins with it, and until then nothing may follow. */
  opening?: string;
  frameOf(content: string): string;
}

/** One more socket that publishes without waiting for answers. */
export class SocketPublisher implements Publisher {
  readonly isReady = true;
  refused = 0;
  private socket?: ClientSocket;
  private begun?: () => void;

  private constructor(private readonly options: SocketPublisherOptions) {}

  static async open(options: SocketPublisherOptions): Promise<SocketPublisher> {
    const { port, path, token, opening = '' } = options;
    const publisher = new SocketPublisher(options);
    const begun = new Promise<void>((resolve) => (publisher.begun = resolve));
    publisher.socket = await ClientSocket.open({
      port,
      path,
      token,
      user: 'publisher',
      onFrame: (_, data, start, end) => publisher.take(data, start, end),
    });
    if (opening === '') return publisher;
    publisher.socket.send(opening);
    await begun;
    return publisher;
  }

  publish(content: string): void {
    this.socket?.send(this.options.frameOf(content));
  }

  close(): void {
    this.socket?.destroy();
  }

  private take(data: Buffer, start: number, end: number): void {
    if (this.begun && data.toString('utf8', start, end).startsWith(this.options.opening ?? '')) {
      this.begun();
      this.begun = undefined;
    }
    if (!begins(data, start, end, REFUSAL)) return;
    if (this.refused++ === 0) process.stderr.write(`${data.toString('utf8', start, end)}\n`);
  }
}
