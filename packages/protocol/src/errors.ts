/**
 * Why a command was refused. Codes are stable: clients branch on `code`, never on `message`.
 * The table in `docs/protocol.md` is held equal to this one by a test.
 */
export const ErrorCode = {
  /** The frame is not a JSON object `{type, id?, data?}`, or is binary. */
  BadFrame: 'bad_frame',
  /** No handler for this `type`. */
  UnknownCommand: 'unknown_command',
  /** `data` does not fit the command's schema; `details` names each field. */
  Invalid: 'invalid',
  /** Content over the limit announced in the hello, although the frame fitted. */
  TooLarge: 'too_large',
  /** Nested deeper than the hello's `limits.maxDepth`. */
  TooDeep: 'too_deep',
  /** Too many commands in the window; wait `retryAfter` seconds. */
  RateLimited: 'rate_limited',
  /** No verified token yet, or it was refused. */
  Unauthenticated: 'unauthenticated',
  /** Verified, but not allowed to do this. */
  Forbidden: 'forbidden',
  /** It does not exist, or it is not yours to see: the answer is the same. */
  NotFound: 'not_found',
  /** The same client id was already used for different content; or, of groups, it is so already, or the id is taken. */
  Conflict: 'conflict',
  /** A policy of this installation (a before-hook) refused it. */
  Refused: 'refused',
  /** The server is at its bound; retry after `retryAfter` seconds with the same client id. */
  Overloaded: 'overloaded',
  /** The store did not confirm; nothing is promised. Retry with the same client id. */
  Unavailable: 'unavailable',
  /** A fault of the server; it is logged there. Retry with the same client id. */
  Internal: 'internal',
} as const;
export type ErrorCode = (typeof ErrorCode)[keyof typeof ErrorCode];

/** One field of a command that did not fit its schema. */
export interface FieldError {
  /** Dotted path below `data`, e.g. `content.url`; empty for `data` itself. */
  field: string;
  message: string;
}

/** The `data` of an `error` frame, and the core of every HTTP error body. */
export interface ErrorData {
  code: ErrorCode;
  /** One sentence for a developer; never echoes the input. */
  message: string;
  /** True: the same command may succeed later, repeated with the same client id. */
  retryable: boolean;
  /** Seconds to wait before a retry, where the server knows. */
  retryAfter?: number;
  details?: FieldError[];
}
