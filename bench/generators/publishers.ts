import { ClientSocket } from './client-socket.js';
import { HttpConnection } from './http-connection.js';
import { tokenFor } from './token.js';

/** Gives the server a message for everybody. */
export interface Publisher {
  /** False: it would have to wait for an answer. */
  readonly isReady: boolean;
  publish(content: string): void;
  /** Messages that the server has refused. */
  readonly refused: number;
  close(): void;
}

/** The way into Rookery: requests of a back-end service, several outstanding. */
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

/** The way into the yardsticks: one more socket. */
export class SocketPublisher implements Publisher {
  readonly isReady = true;
  readonly refused = 0;

  private constructor(
    private readonly socket: ClientSocket,
    private readonly frameOf: (content: string) => string,
  ) {}

  static async open(
    port: number,
    path: string,
    opening: string | undefined,
    frameOf: (content: string) => string,
  ): Promise<SocketPublisher> {
    const socket = await ClientSocket.open({ port, path, user: 'publisher', onFrame: () => undefined });
    if (opening !== undefined) socket.send(opening);
    return new SocketPublisher(socket, frameOf);
  }

  publish(content: string): void {
    this.socket.send(this.frameOf(content));
  }

  close(): void {
    this.socket.destroy();
  }
}
