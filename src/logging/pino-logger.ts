import type { LoggerService } from '@nestjs/common';
import { pino, type Logger } from 'pino';
import type { AppConfig } from '../config/index.js';

type Level = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace';

/** Where a token could stand if somebody logs more than he should. */
const REDACTED = [
  'token',
  '*.token',
  'authorization',
  '*.authorization',
  'headers.authorization',
  'req.headers.authorization',
];

/** What Nest says about its own start, a line for every module, route and handler. */
const FRAMEWORK_CONTEXTS = new Set([
  'InstanceLoader',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

/** Nest's copy of what createApp rejects with: whoever called that says it. */
const BOOT_FAILURE_CONTEXT = 'ExceptionHandler';

/** The one pino instance: JSON lines on standard output. */
export function createPino({ logLevel }: Pick<AppConfig, 'logLevel'>): Logger {
  return pino({
    level: logLevel,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: withoutData },
  });
}

/** Database drivers hang the statement and its parameters on their errors, and those are what users wrote. */
export function withoutData(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const { type, message, stack } = pino.stdSerializers.err(error);
  const { code } = error as { code?: unknown };
  return { type, message, stack, ...(code !== undefined && { code }) };
}

/**
 * Nest's logger on pino. A call with an object first and a text second, `logger.log({ user }, 'Connected')`, becomes
 * one structured line; the last argument is the context that Nest appends.
 */
export class PinoLogger implements LoggerService {
  constructor(private readonly pinoLogger: Logger) {}

  fatal = this.at('fatal');
  error = this.at('error');
  warn = this.at('warn');
  log = this.at('info');
  debug = this.at('debug');
  verbose = this.at('trace');

  private at(named: Level) {
    return (message: unknown, ...rest: unknown[]): void => {
      const context = typeof rest.at(-1) === 'string' ? (rest.pop() as string) : undefined;
      const level = isFrameworkTalk(named, context) ? 'debug' : named;
      const [detail] = rest;
      const text = typeof detail === 'string' ? detail : undefined;
      if (message instanceof Error) this.pinoLogger[level]({ context, err: message }, message.message);
      else if (typeof message === 'object') this.pinoLogger[level]({ context, ...message }, text);
      else this.pinoLogger[level]({ context, ...(text !== undefined && { stack: text }) }, String(message));
    };
  }
}

function isFrameworkTalk(level: Level, context: string | undefined): boolean {
  if (context === BOOT_FAILURE_CONTEXT) return true;
  return level === 'info' && context !== undefined && FRAMEWORK_CONTEXTS.has(context);
}
