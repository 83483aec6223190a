import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Logger } from 'pino';
import { pinoHttp } from 'pino-http';
import { redactUrl } from '../auth/index.js';

const REQUEST_ID = /^[\w-]{1,64}$/;

/** Probes ask every few seconds; their lines would hide the rest. */
const QUIET_PATHS = /^\/(health|metrics)(\/|$)/;

/** One line per HTTP request: id, method, path without its token, status, duration. Never headers, never a body. */
export function requestLog(logger: Logger) {
  return pinoHttp({
    logger,
    genReqId: (request, response) => {
      const given = request.headers['x-request-id'];
      const id = typeof given === 'string' && REQUEST_ID.test(given) ? given : randomUUID();
      response.setHeader('X-Request-Id', id);
      return id;
    },
    autoLogging: { ignore: (request) => QUIET_PATHS.test(request.url ?? '') },
    customLogLevel: (_request, response, error) => (error || response.statusCode >= 500 ? 'error' : 'info'),
    serializers: {
      req: ({ id, method, url }: IncomingMessage & { id: string }) => ({
        id,
        method,
        url: redactUrl(url ?? ''),
      }),
      res: ({ statusCode }: { statusCode: number }) => ({ statusCode }),
    },
  });
}
