import { ErrorCode, type ErrorData, type FieldError } from '@rookery/protocol';

type LogLevel = 'debug' | 'warn' | 'error';

interface ErrorTraits {
  message: string;
  httpStatus: number;
  retryable: boolean;
  logLevel: LogLevel;
}

/** The one table of errors: what each code says on either wire, and how loud it is in the log. */
export const ERROR_TABLE: Readonly<Record<ErrorCode, ErrorTraits>> = {
  bad_frame: {
    message: 'Not a JSON object {type, id?, data?}',
    httpStatus: 400,
    retryable: false,
    logLevel: 'debug',
  },
  unknown_command: { message: 'No such command', httpStatus: 404, retryable: false, logLevel: 'debug' },
  invalid: { message: 'Some fields are wrong', httpStatus: 400, retryable: false, logLevel: 'debug' },
  too_large: { message: 'Over the size limit', httpStatus: 413, retryable: false, logLevel: 'debug' },
  too_deep: { message: 'Nested too deeply', httpStatus: 400, retryable: false, logLevel: 'debug' },
  rate_limited: { message: 'Too many requests', httpStatus: 429, retryable: true, logLevel: 'debug' },
  unauthenticated: {
    message: 'A valid token is required',
    httpStatus: 401,
    retryable: false,
    logLevel: 'debug',
  },
  forbidden: { message: 'Not allowed', httpStatus: 403, retryable: false, logLevel: 'debug' },
  not_found: { message: 'Not found', httpStatus: 404, retryable: false, logLevel: 'debug' },
  conflict: {
    message: 'This client id was used for other content',
    httpStatus: 409,
    retryable: false,
    logLevel: 'debug',
  },
  refused: {
    message: 'Refused by a policy of this server',
    httpStatus: 403,
    retryable: false,
    logLevel: 'debug',
  },
  overloaded: { message: 'The server is at its limit', httpStatus: 503, retryable: true, logLevel: 'warn' },
  unavailable: {
    message: 'The store did not confirm; try again',
    httpStatus: 503,
    retryable: true,
    logLevel: 'warn',
  },
  internal: { message: 'Internal error', httpStatus: 500, retryable: true, logLevel: 'error' },
};

interface AppErrorOptions {
  /** Replaces the table's message; must not quote the input. */
  message?: string;
  details?: FieldError[];
  /** Seconds. */
  retryAfter?: number;
  cause?: unknown;
}

/** The only error that services throw on purpose; the filters turn it into either wire's form. */
export class AppError extends Error {
  override readonly name = 'AppError';
  readonly details?: FieldError[];
  readonly retryAfter?: number;

  constructor(
    readonly code: ErrorCode,
    options: AppErrorOptions = {},
  ) {
    super(options.message ?? ERROR_TABLE[code].message, { cause: options.cause });
    this.details = options.details;
    this.retryAfter = options.retryAfter;
  }

  get traits(): ErrorTraits {
    return ERROR_TABLE[this.code];
  }

  /** The form both wires share. */
  toData(): ErrorData {
    return {
      code: this.code,
      message: this.message,
      retryable: this.traits.retryable,
      ...(this.retryAfter !== undefined && { retryAfter: this.retryAfter }),
      ...(this.details && { details: this.details }),
    };
  }
}

/** A field-level refusal: `invalid` naming one field. */
export function invalidField(field: string, message: string): AppError {
  return new AppError(ErrorCode.Invalid, { details: [{ field, message }] });
}
