import type { ErrorCode, ErrorData, FieldError } from '@rookery/protocol';

/** What goes wrong on this side of the wire. The other codes are the server's. */
export const ClientErrorCode = {
  /** There is no connection, and none is being made. */
  Disconnected: 'disconnected',
  /** The connection ended before the answer came. */
  ConnectionLost: 'connection_lost',
  /** The server did not answer in time. */
  Timeout: 'timeout',
  /** The caller's signal said so. What was on its way may have been stored. */
  Aborted: 'aborted',
  /** As many messages wait as may. */
  OutboxFull: 'outbox_full',
  /** The token function failed. */
  TokenUnavailable: 'token_unavailable',
  /** The storage adapter failed; the client goes on without what it could not read or write. */
  Storage: 'storage',
} as const;
export type ClientErrorCode = (typeof ClientErrorCode)[keyof typeof ClientErrorCode];

export interface RookeryErrorOptions {
  retryable?: boolean;
  retryAfter?: number;
  details?: FieldError[];
  clientId?: string;
  cause?: unknown;
}

/** Every failure that the client tells of. Branch on `code`. */
export class RookeryError extends Error {
  override readonly name = 'RookeryError';
  /** Whether the same call may succeed later. */
  readonly retryable: boolean;
  /** Seconds to wait before a retry, where it is known. */
  readonly retryAfter?: number;
  /** The wrong fields, where the server named them. */
  readonly details?: FieldError[];
  /** The message in the outbox that this is about. */
  readonly clientId?: string;

  constructor(
    readonly code: ErrorCode | ClientErrorCode,
    message: string,
    options: RookeryErrorOptions = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.retryable = options.retryable ?? false;
    this.retryAfter = options.retryAfter;
    this.details = options.details;
    this.clientId = options.clientId;
  }
}

export const fromErrorData = ({ code, message, ...rest }: ErrorData): RookeryError =>
  new RookeryError(code, message, rest);

export const connectionLost = (): RookeryError =>
  new RookeryError(ClientErrorCode.ConnectionLost, 'The connection ended before the answer', {
    retryable: true,
  });

export const isConnectionLost = (error: unknown): boolean =>
  error instanceof RookeryError && error.code === ClientErrorCode.ConnectionLost;

/** Anything thrown, as an error of ours. */
export function toRookeryError(
  error: unknown,
  code: ErrorCode | ClientErrorCode,
  options: RookeryErrorOptions = {},
): RookeryError {
  if (error instanceof RookeryError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new RookeryError(code, message, { ...options, cause: error });
}

/** The same, about a message in the outbox. */
export function aboutMessage(error: unknown, clientId: string): RookeryError {
  const failure = toRookeryError(error, ClientErrorCode.ConnectionLost);
  return new RookeryError(failure.code, failure.message, { ...failure, clientId, cause: failure.cause });
}
