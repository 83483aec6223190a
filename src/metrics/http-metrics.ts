import type { NextFunction, Request, Response } from 'express';
import type { Metrics } from './metrics.js';

/** Times every HTTP request by its route pattern, never by its path: paths have no bound. */
export function httpMetrics(metrics: Metrics) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const stop = metrics.httpRequests.startTimer({ method: request.method });
    response.once('finish', () => {
      const route = (request.route as { path?: string } | undefined)?.path ?? 'unmatched';
      stop({ route, status: String(response.statusCode) });
    });
    next();
  };
}
