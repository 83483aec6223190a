import { ErrorCode } from '@rookery/protocol';
import { AppError } from '../common/app-error.js';

/** The reason helps an honest developer; it never repeats anything of the token. */
export function unauthenticated(reason: string, cause?: unknown): AppError {
  return new AppError(ErrorCode.Unauthenticated, { message: reason, cause });
}
