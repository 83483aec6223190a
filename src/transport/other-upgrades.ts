import type { IncomingMessage, Server } from 'node:http';
import { Server as TlsServer } from 'node:https';
import type { Duplex } from 'node:stream';

export function asksForWebSocket({ headers }: IncomingMessage): boolean {
  return headers.upgrade?.toLowerCase() === 'websocket';
}

/**
 * A server may ignore an Upgrade header (RFC 9110 §7.8), and some clients send one with every request: Java's and
 * `curl --http2` ask for `h2c`. Node hands all of them to the upgrade listener and has stopped reading them as HTTP,
 * so the request is put back in front of its socket without that header, and read again.
 */
export function serveWithoutUpgrade(
  server: Server | TlsServer,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  socket.unshift(Buffer.concat([headOf(request), head]));
  server.emit(server instanceof TlsServer ? 'secureConnection' : 'connection', socket);
}

/** Node has parsed these lines, so none of them can hold a line break. */
function headOf({ method, url, httpVersion, rawHeaders }: IncomingMessage): Buffer {
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] as string;
    if (name.toLowerCase() !== 'upgrade') lines.push(`${name}: ${rawHeaders[index + 1]}`);
  }
  return Buffer.from(`${lines.join('\r\n')}\r\n\r\n`, 'latin1');
}
