import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { Request, Response } from 'express';
import { ErrorCode } from '@rookery/protocol';
import { AppError, toAppError } from '../common/index.js';
import { FILES_PATH } from './http-guards.js';

/** Turns any error of a REST call into `{statusCode, code, message, retryable, …, requestId}`; nothing internal leaves. */
@Catch()
export class HttpExceptionFilter implements ExceptionFilter {
  private readonly logger = new Logger('Http');

  catch(exception: unknown, host: ArgumentsHost): void {
    if (host.getType() !== 'http') throw exception;
    const request = host.switchToHttp().getRequest<Request & { id?: string }>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = toAppError(exception);
    const { httpStatus, logLevel } = error.traits;
    if (logLevel === 'error')
      this.logger.error({ err: error.cause ?? error, requestId: request.id }, 'Request failed');
    if (response.headersSent) return;
    // What is refused in the middle of its body is not read to the end.
    if (!request.complete) response.setHeader('Connection', 'close');
    // RFC 9110, 15.5.2.
    if (error.code === ErrorCode.Unauthenticated) response.setHeader('WWW-Authenticate', 'Bearer');
    if (error.retryAfter !== undefined) response.setHeader('Retry-After', Math.ceil(error.retryAfter));
    response.status(httpStatus).json({
      statusCode: httpStatus,
      ...error.toData(),
      ...(error.details && isUnread(request) && { message: UNREAD }),
      requestId: request.id,
    });
  }
}

const UNREAD = 'The body was not read: send JSON with Content-Type: application/json';

/** A body that is there and was not looked at, so that all its fields seem to be missing. */
function isUnread({ body, headers, originalUrl }: Request): boolean {
  if (body !== undefined || originalUrl.startsWith(FILES_PATH)) return false;
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0;
}

/** The same for what our services throw, and for nothing else: for controllers that are not ours. */
@Catch(AppError)
export class AppErrorFilter extends HttpExceptionFilter {}
