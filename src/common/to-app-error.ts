import { HttpException } from '@nestjs/common';
import { ErrorCode } from '@rookery/protocol';
import { AppError } from './app-error.js';

const CODE_BY_STATUS: Readonly<Record<number, ErrorCode>> = {
  400: ErrorCode.Invalid,
  401: ErrorCode.Unauthenticated,
  403: ErrorCode.Forbidden,
  404: ErrorCode.NotFound,
  409: ErrorCode.Conflict,
  413: ErrorCode.TooLarge,
  422: ErrorCode.Invalid,
  429: ErrorCode.RateLimited,
  503: ErrorCode.Unavailable,
};

/** What any exception says on the wire. Whatever was not thrown on purpose becomes `internal`, its text kept inside. */
export function toAppError(exception: unknown): AppError {
  if (exception instanceof AppError) return exception;
  if (exception instanceof HttpException) return fromHttp(exception);
  if (isWsException(exception)) return fromWs(exception);
  const status = bodyParserStatus(exception);
  if (status) return new AppError(CODE_BY_STATUS[status] ?? ErrorCode.Invalid, { cause: exception });
  return new AppError(ErrorCode.Internal, { cause: exception });
}

function fromHttp(exception: HttpException): AppError {
  const code =
    CODE_BY_STATUS[exception.getStatus()] ??
    (exception.getStatus() < 500 ? ErrorCode.Invalid : ErrorCode.Internal);
  return new AppError(code, { message: messageOf(code, exception), cause: exception });
}

/** What the body parser says quotes the headers. */
const READER_MESSAGE = /^unsupported (charset|content encoding) "/;
/** What the JSON parser says quotes the body. */
const PARSER_MESSAGE = / JSON( |$)/;
/** What the router says quotes the path. */
const ROUTER_MESSAGE = /^(Cannot [A-Z-]+ \/|Failed to decode )/;

function messageOf(code: ErrorCode, { message }: HttpException): string | undefined {
  if (code === ErrorCode.Internal || ROUTER_MESSAGE.test(message)) return undefined;
  if (READER_MESSAGE.test(message)) return 'A body is JSON in UTF-8, as it is or by gzip, deflate or br';
  return PARSER_MESSAGE.test(message) ? 'The body is not valid JSON' : message;
}

interface WsExceptionLike extends Error {
  getError(): string | object;
}

/** By shape: `@nestjs/websockets` belongs to transport/. */
function isWsException(exception: unknown): exception is WsExceptionLike {
  return exception instanceof Error && typeof (exception as Partial<WsExceptionLike>).getError === 'function';
}

/** What Nest itself throws when a guard says no. */
const GUARD_REFUSAL = 'Forbidden resource';

function fromWs(exception: WsExceptionLike): AppError {
  const code = exception.message === GUARD_REFUSAL ? ErrorCode.Forbidden : ErrorCode.Refused;
  return new AppError(code, { message: exception.message, cause: exception });
}

/** Express's body parser throws plain errors that carry a 4xx `status`. */
function bodyParserStatus(exception: unknown): number | undefined {
  const status = exception instanceof Error ? (exception as { status?: unknown }).status : undefined;
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined;
}
