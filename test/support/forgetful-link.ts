import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/**
 * A line to a database that breaks just after a commit: the database has committed, and whoever asked it to is never
 * told so.
 */
export class ForgetfulLink {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private marker?: string;

  private constructor(target: URL) {
    this.server = createServer((near) => {
      const far = connect(Number(target.port || 3306), target.hostname);
      for (const socket of [near, far]) this.keep(socket);
      near.on('close', () => far.destroy());
      far.on('close', () => near.destroy());
      this.relay(near, far);
    });
  }

  /** To the server of a database URL. */
  static async open(databaseUrl: string): Promise<ForgetfulLink> {
    const link = new ForgetfulLink(new URL(databaseUrl));
    link.server.listen(0, '127.0.0.1');
    await once(link.server, 'listening');
    return link;
  }

  /** The same database, by way of this link. */
  through(databaseUrl: string): string {
    const url = new URL(databaseUrl);
    url.hostname = '127.0.0.1';
    url.port = String((this.server.address() as AddressInfo).port);
    return url.href;
  }

  /** The answer to the commit that follows the first statement with this text is lost, with its connection. */
  loseAnswerTo(marker: string): void {
    this.marker = marker;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
    await once(this.server, 'close');
  }

  private relay(near: Socket, far: Socket): void {
    let isMarked = false;
    let isCommitted = false;
    near.on('data', (chunk: Buffer) => {
      if (this.marker !== undefined && chunk.includes(this.marker)) {
        this.marker = undefined;
        isMarked = true;
      }
      isCommitted = isMarked && chunk.includes('COMMIT');
      far.write(chunk);
    });
    far.on('data', (chunk: Buffer) => (isCommitted ? near.destroy() : near.write(chunk)));
  }

  private keep(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
  }
}
