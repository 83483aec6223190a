import { WebSocket } from 'ws';
import type { Principal } from '../auth/index.js';
import type { Connection } from '../hub/index.js';
import type { ClientSession } from './client-session.js';
import { textFrame } from './text-frame.js';

const TOO_BIG = 1009;

/**
 * The `client` that gateways get. A plain `ws` WebSocket to look at; what a gateway sends with it leaves in order
 * with everything else that the server writes.
 */
export class RookerySocket extends WebSocket {
  session?: ClientSession;

  /** Undefined only before the first frame has authenticated the socket; no gateway sees it then. */
  get connection(): Connection | undefined {
    return this.session?.connection;
  }

  get principal(): Principal | undefined {
    return this.session?.connection?.principal;
  }

  /** `ws` ends a connection like this when a frame is over the limit. */
  override close(code?: number, reason?: string | Buffer): void {
    if (code === TOO_BIG) this.session?.refuseTooLarge();
    super.close(code, reason);
  }

  override send(data: unknown, ...rest: unknown[]): void {
    if (typeof data === 'string' && this.session) {
      this.session.writer.write(textFrame(data));
      const callback = rest.at(-1);
      if (typeof callback === 'function') callback();
      return;
    }
    this.session?.writer.flush();
    (super.send as (...args: unknown[]) => void)(data, ...rest);
  }
}
