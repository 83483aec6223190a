import type { IncomingMessage } from 'node:http';
import * as library from 'ws';
import type { PerMessageDeflateOptions, WebSocket } from 'ws';

const NAME = 'permessage-deflate';
const WIDEST_WINDOW = 15;

/**
 * For `ws`: no connection keeps a context between two messages, in either direction, and `ws` itself compresses nothing:
 * that is done in `FrameDeflater`. What comes in is inflated up to `maxPayload`.
 */
export const COMPRESSION: PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
  threshold: Infinity,
};

/** What `ws` keeps of an agreed extension; not in its typings. */
interface Agreed {
  readonly params: { readonly server_max_window_bits?: number };
  /** Frees what inflates; the next message makes a new one. */
  cleanup(): void;
}

/** Exported by `ws`, and not in its typings. */
const { extension, PerMessageDeflate } = library as unknown as {
  extension: { parse(header: string): Record<string, unknown[] | undefined> };
  PerMessageDeflate: new (options: PerMessageDeflateOptions & { isServer: true }) => {
    accept(offers: unknown[]): unknown;
  };
};

/** `ws` refuses a client whose offer it does not understand; such an offer is to be declined (RFC 7692 §7). */
export function withoutOddOffers({ headers }: IncomingMessage): void {
  const header = headers['sec-websocket-extensions'];
  if (header === undefined) return;
  try {
    const offers = extension.parse(header)[NAME];
    if (offers) new PerMessageDeflate({ ...COMPRESSION, isServer: true }).accept(offers);
  } catch {
    delete headers['sec-websocket-extensions'];
  }
}

/** Whether the client takes messages that were compressed with the widest window. */
export function takesCompressed(socket: WebSocket): boolean {
  const agreed = agreedOn(socket);
  return agreed !== undefined && (agreed.params.server_max_window_bits ?? WIDEST_WINDOW) === WIDEST_WINDOW;
}

/** An idle connection holds nothing to inflate with, some 50 KiB otherwise. */
export function inflateWithoutKeeping(socket: WebSocket): void {
  if (agreedOn(socket)) socket.on('message', cleanUp);
}

function cleanUp(this: WebSocket): void {
  agreedOn(this)?.cleanup();
}

function agreedOn(socket: WebSocket): Agreed | undefined {
  return (socket as unknown as { _extensions: Record<string, Agreed | undefined> })._extensions[NAME];
}
