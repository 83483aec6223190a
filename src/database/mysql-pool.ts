import mysql, { type Pool, type PoolConnection, type PoolOptions } from 'mysql2';
import type { DatabaseConfig } from '../config/index.js';

export type MysqlConfig = Extract<DatabaseConfig, { type: 'mysql' }>;

/** Milliseconds without traffic before TCP asks whether the database is still there. */
const KEEP_ALIVE_DELAY = 10_000;

/** Settings that a session must have whatever the server's defaults are; client-side escaping relies on the mode. */
const SESSION_SETTINGS = [
  "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION'",
  'SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED',
];

/** The server became a read-only replica: 1290, 1792, 1836. */
const READ_ONLY_ERRORS = new Set([1290, 1792, 1836]);

interface DriverError extends Error {
  code?: string;
  errno?: number;
  fatal?: boolean;
}

export class AcquireTimeout extends Error {
  readonly code = 'POOL_ACQUIRE_TIMEOUT';
}

/** Where the database is, from its URL; `?ssl=true` turns TLS on, with verification. */
export function mysqlAddress(url: string) {
  const parsed = new URL(url);
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: Number(parsed.port || 3306),
    user: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
    database: decodeURIComponent(parsed.pathname.slice(1)),
    ...(parsed.searchParams.get('ssl') === 'true' && { ssl: {} }),
  };
}

/**
 * A pool that heals: a connection that timed out, broke or turned read-only is thrown away, and every wait
 * (connect, acquire, query) ends after `config.timeout` milliseconds.
 */
export function createMysqlPool(config: MysqlConfig, overrides: PoolOptions = {}): Pool {
  const pool = mysql.createPool({
    ...mysqlAddress(config.url),
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    supportBigNumbers: true,
    bigNumberStrings: false,
    stringifyObjects: true,
    connectTimeout: config.timeout,
    connectionLimit: config.poolSize,
    enableKeepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_DELAY,
    ...overrides,
  });
  pool.on('connection', (connection: PoolConnection) => harden(connection, config.timeout));
  limitAcquire(pool, config.timeout);
  return pool;
}

/** mysql2's own destroy() waits for the peer, which may be frozen. */
function evict(connection: PoolConnection): void {
  connection.destroy();
  (connection as unknown as { stream?: { destroy?(): void } }).stream?.destroy?.();
}

const isBeyondUse = (error: DriverError): boolean =>
  error.fatal === true ||
  error.code === 'PROTOCOL_SEQUENCE_TIMEOUT' ||
  READ_ONLY_ERRORS.has(error.errno ?? 0);

type QueryFunction = (...args: unknown[]) => unknown;

/** Gives every query of the connection a deadline, and evicts the connection when one of them shows it is beyond use. */
function harden(connection: PoolConnection, timeout: number): void {
  connection.on('error', () => undefined);
  const query = (connection.query as QueryFunction).bind(connection);
  const guarded: QueryFunction = (first, ...rest) => {
    const request = typeof first === 'string' ? { sql: first, timeout } : first;
    const last = rest.at(-1);
    if (typeof last !== 'function') return query(request, ...rest);
    const done = (error: DriverError | null, ...results: unknown[]) => {
      if (error && isBeyondUse(error)) evict(connection);
      last(error, ...results);
    };
    return query(request, ...rest.slice(0, -1), done);
  };
  (connection as unknown as { query: QueryFunction }).query = guarded;
  for (const sql of SESSION_SETTINGS) guarded(sql, (error: DriverError | null) => error && evict(connection));
}

type ConnectionCallback = (error: Error | null, connection?: PoolConnection) => void;

/** mysql2 queues for a connection without end. */
function limitAcquire(pool: Pool, timeout: number): void {
  const getConnection = (pool.getConnection as (callback: ConnectionCallback) => void).bind(pool);
  const limited = (callback: ConnectionCallback): void => {
    let late = false;
    const timer = setTimeout(() => {
      late = true;
      callback(new AcquireTimeout('No database connection became free in time'));
    }, timeout);
    getConnection((error, connection) => {
      clearTimeout(timer);
      if (late) connection?.release();
      else callback(error, connection);
    });
  };
  (pool as unknown as { getConnection: typeof limited }).getConnection = limited;
}
