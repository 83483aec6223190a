import { ErrorCode } from '@rookery/protocol';
import { QueryFailedError } from 'typeorm';
import { AppError } from '../common/app-error.js';

interface DriverError {
  code?: unknown;
  errno?: unknown;
  rawCode?: unknown;
  fatal?: unknown;
  message?: unknown;
}

/** Deadlock and lock wait timeout: the transaction may be run again as a whole. */
const RIVALRY_ERRORS: readonly unknown[] = [1213, 1205];

/** Too many connections, shutting down, access during restart, killed, read-only. */
const MYSQL_UNAVAILABLE: readonly unknown[] = [
  1040, 1053, 1079, 1152, 1158, 1159, 1160, 1161, 1927, 1290, 1792, 1836,
];

/** Primary result codes: BUSY, LOCKED, IOERR, FULL, CANTOPEN. */
const SQLITE_UNAVAILABLE: readonly unknown[] = [5, 6, 10, 13, 14];

const CONNECTION_CODES: readonly unknown[] = [
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EPIPE',
  'ETIMEDOUT',
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'POOL_ACQUIRE_TIMEOUT',
];

function driverError(error: unknown): DriverError {
  const inner: unknown = error instanceof QueryFailedError ? error.driverError : error;
  return typeof inner === 'object' && inner !== null ? inner : {};
}

/** Whether another transaction stood in the way, so that the same unit may succeed when it is run again. */
export function isRivalry(error: unknown): boolean {
  return RIVALRY_ERRORS.includes(driverError(error).errno);
}

function isUnavailable(error: unknown): boolean {
  const { code, errno, rawCode, fatal, message } = driverError(error);
  if (fatal === true || CONNECTION_CODES.includes(code) || MYSQL_UNAVAILABLE.includes(errno)) return true;
  if (typeof rawCode === 'number' && SQLITE_UNAVAILABLE.includes(rawCode & 0xff)) return true;
  return message === 'Pool is closed.';
}

/** A failure to reach the store as AppError `unavailable`; anything else as it came. */
export function translateDatabaseError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  return isRivalry(error) || isUnavailable(error)
    ? new AppError(ErrorCode.Unavailable, { cause: error })
    : error;
}

/** For our own SQL, where a driver's error that is no outage is our fault: AppError `internal`. */
export function storeError(error: unknown): AppError {
  const translated = translateDatabaseError(error);
  return translated instanceof AppError ? translated : new AppError(ErrorCode.Internal, { cause: error });
}
