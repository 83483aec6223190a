import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '@rookery/protocol';
import { AppError, ERROR_TABLE } from '../common/index.js';

/** An upgrade that is answered with an HTTP error, before a WebSocket exists. */
export class HandshakeRefusal extends AppError {
  constructor(
    readonly status: number,
    code: ErrorCode,
    message: string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(code, { message, retryAfter: headers['Retry-After'] ? Number(headers['Retry-After']) : undefined });
  }

  /** Any AppError, with the status of the error table. */
  static from(error: AppError): HandshakeRefusal {
    if (error instanceof HandshakeRefusal) return error;
    const headers: Record<string, string> =
      error.retryAfter === undefined ? {} : { 'Retry-After': String(Math.ceil(error.retryAfter)) };
    if (error.code === 'unauthenticated') headers['WWW-Authenticate'] = 'Bearer';
    return new HandshakeRefusal(ERROR_TABLE[error.code].httpStatus, error.code, error.message, headers);
  }
}

/** Writes the refusal as a complete HTTP/1.1 answer and ends the socket. */
export function refuseUpgrade(socket: Duplex, refusal: HandshakeRefusal): void {
  const body = JSON.stringify({ statusCode: refusal.status, ...refusal.toData() });
  const head = [
    `HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`,
    `Connection: ${refusal.headers.Upgrade ? 'Upgrade, close' : 'close'}`,
    'Content-Type: application/json; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...Object.entries(refusal.headers).map(([name, value]) => `${name}: ${value}`),
  ];
  socket.once('finish', () => socket.destroy());
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}
