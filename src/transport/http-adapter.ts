import http from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { ExpressAdapter } from '@nestjs/platform-express';
import type { AppConfig } from '../config/index.js';
import { checkUtf8, FILES_PATH, requirePlainJson } from './http-guards.js';

/** Slow clients get seconds, not minutes, to finish a request's head; Node checks them every second, not every thirty. */
const SERVER_OPTIONS = {
  headersTimeout: 5_000,
  requestTimeout: 900_000,
  keepAliveTimeout: 10_000,
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
};

/** Milliseconds for the body of a request; files have as long as they keep coming. */
const BODY_TIMEOUT = 30_000;

/** Milliseconds that a request in hand has to be answered when the server closes. */
const CLOSE_GRACE = 2_000;

/** Milliseconds without any progress after which an answer that is not read is cut off. */
const READ_PATIENCE = 30_000;

/** Express on a server with bounded patience, over TLS when a certificate is configured. */
export class RookeryHttpAdapter extends ExpressAdapter {
  constructor(
    private readonly tls: AppConfig['http']['tls'],
    private readonly readPatience = READ_PATIENCE,
  ) {
    super();
  }

  override initHttpServer(): void {
    const handler = this.getInstance();
    this.httpServer = this.tls
      ? https.createServer({ ...SERVER_OPTIONS, ...this.tls, minVersion: 'TLSv1.2' }, handler)
      : http.createServer(SERVER_OPTIONS, handler);
    this.cutUnread(this.httpServer as http.Server);
    this.cutUnsent(this.httpServer as http.Server);
  }

  /** Node waits for every request that has begun, however long its client takes to send it. */
  override async close(): Promise<void> {
    const cut = setTimeout(() => (this.httpServer as http.Server).closeAllConnections(), CLOSE_GRACE);
    await super.close();
    clearTimeout(cut);
  }

  override useBodyParser(...[type, rawBody, options]: Parameters<ExpressAdapter['useBodyParser']>): this {
    if (type !== 'json') return super.useBodyParser(type, rawBody, options);
    const strict = { ...options, verify: checkUtf8 };
    super.useBodyParser(type, rawBody, strict);
    return this.use(requirePlainJson());
  }

  /** Node has one time-out for all bodies; a large file over a slow line takes longer than any other. */
  private cutUnsent(server: http.Server): void {
    server.on('request', (request) => {
      if (request.complete) return;
      const isFile = request.url?.startsWith(FILES_PATH) ?? false;
      if (isFile) return void request.socket.setTimeout(BODY_TIMEOUT, () => request.destroy());
      const timer = setTimeout(() => request.destroy(), BODY_TIMEOUT);
      request.once('close', () => clearTimeout(timer));
    });
  }

  /**
   * Set for each answer and not for the server: every socket would have a timer, and keep it after its upgrade. An
   * answer that is still being made keeps its connection.
   */
  private cutUnread(server: http.Server): void {
    server.on('request', (_request, response) => {
      response.setTimeout(this.readPatience);
      response.on('timeout', (socket: Socket) => {
        if (socket.writableLength > 0) socket.destroy();
      });
    });
  }
}
