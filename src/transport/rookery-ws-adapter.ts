import type { IncomingMessage, Server } from 'node:http';
import type { INestApplicationContext, WsMessageHandler } from '@nestjs/common';
import { WsAdapter } from '@nestjs/platform-ws';
import { WebSocketServer } from 'ws';
import { AppConfig } from '../config/index.js';
import type { ClientSession, EndListener } from './client-session.js';
import { GatewayHooks } from './gateway-hooks.js';
import { CommandHandlers, declareCommand, type CommandHandler } from './command-handlers.js';
import { DirectHandlers, type DirectHandler } from './direct-handlers.js';
import { chooseSubprotocol, pathOf } from './handshake.js';
import { COMPRESSION } from './message-compression.js';
import { RookerySocket } from './rookery-socket.js';
import { SessionManager } from './session-manager.js';
import { UpgradeHandler } from './upgrade-handler.js';

interface GatewayOptions {
  path?: string;
  namespace?: string;
}

/** Pieces of one message; `ws` closes with 1008 beyond it. Enough for any real sender, little for an attacker. */
const MAX_FRAGMENTS = 128;
const MAX_BUFFERED_CHUNKS = 16 * 1024;
/** Milliseconds for the client to answer a close frame. */
const CLOSE_TIMEOUT = 5000;

/**
 * Plain `@WebSocketGateway`s on the terms of this server: authenticated before they see a socket, each frame decoded
 * once and handled in order, every error answered. What the stock adapter does instead is kept as a list of specs in
 * test/e2e/nest-traps.e2e-spec.ts.
 */
export class RookeryWsAdapter extends WsAdapter {
  private readonly config: AppConfig;
  private readonly upgrades: UpgradeHandler;
  private readonly servers = new Map<string, WebSocketServer>();
  /** What Nest wants called for each connection: one function per gateway. */
  private readonly gateways = new Map<WebSocketServer, ((...args: unknown[]) => void)[]>();
  private readonly hooks: GatewayHooks;
  private readonly directHandlers: DirectHandlers;
  private readonly direct = new Map<WebSocketServer, ReadonlyMap<string, DirectHandler | undefined>>();

  constructor(app: INestApplicationContext & { getHttpServer(): Server }) {
    super(app);
    this.config = app.get(AppConfig);
    this.upgrades = app.get(UpgradeHandler);
    this.hooks = app.get(GatewayHooks);
    this.directHandlers = app.get(DirectHandlers);
    app.get(SessionManager).gateways = {
      greet: (session, request) => this.greet(session, request),
      handlerOf: (session, command) => this.handlerOf(session, command),
    };
    this.upgrades.attach(app.getHttpServer());
  }

  /** One endpoint per path, shared by all gateways on it; a gateway that names no path is on `WS_PATH`. */
  override create(port: number, options: GatewayOptions): WebSocketServer {
    if (port !== 0)
      throw new Error(
        'A gateway cannot have a port of its own: all share the HTTP server. Give it a path instead.',
      );
    if (options.namespace)
      throw new Error('Namespaces belong to Socket.IO. Give the gateway a path instead.');
    const path = this.pathFor(options);
    const known = this.servers.get(path);
    if (known) return known;
    const server = this.createServer();
    this.servers.set(path, server);
    this.upgrades.serve(path, server);
    const handlers = this.directHandlers.of((others) => this.pathFor(others) === path);
    this.direct.set(server, handlers);
    for (const command of handlers.keys()) declareCommand(command);
    return server;
  }

  override bindMessageHandlers(client: RookerySocket, handlers: WsMessageHandler<string>[]): void {
    for (const { message, callback } of handlers) client.session?.handlers?.set(message, callback);
  }

  override bindClientConnect(server: WebSocketServer, callback: Function): void {
    const callbacks = this.gateways.get(server) ?? [];
    this.gateways.set(server, [...callbacks, callback as (...args: unknown[]) => void]);
  }

  /** One close listener per connection, however many gateways there are. */
  override bindClientDisconnect(client: RookerySocket, callback: Function): void {
    client.session?.onEnd(callback as EndListener);
  }

  override async close(server: WebSocketServer): Promise<void> {
    for (const client of server.clients) client.terminate();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  }

  /** The HTTP server closes after this, and until then has to be told what to say to a handshake. */
  override async dispose(): Promise<void> {
    this.upgrades.stopAccepting();
    this.servers.clear();
  }

  private pathFor({ path }: GatewayOptions): string {
    return path ? pathOf(`/${path.replace(/^\/+/, '')}`) : this.config.ws.path;
  }

  private createServer(): WebSocketServer {
    // `closeTimeout` and the caps on fragments are newer than the typings.
    const options = {
      noServer: true,
      WebSocket: RookerySocket,
      maxPayload: this.config.ws.maxMessageSize,
      maxFragments: MAX_FRAGMENTS,
      maxBufferedChunks: MAX_BUFFERED_CHUNKS,
      closeTimeout: CLOSE_TIMEOUT,
      perMessageDeflate: this.config.ws.compression && COMPRESSION,
      autoPong: false,
      handleProtocols: chooseSubprotocol,
    };
    return new WebSocketServer(options);
  }

  private greet(session: ClientSession, request: IncomingMessage): void {
    session.entrance.endpoint.emit('connection', session.socket, request);
    if (this.hooks.any) this.bind(session, request);
  }

  private handlerOf(session: ClientSession, command: string): CommandHandler | undefined {
    const direct = this.direct.get(session.entrance.endpoint)?.get(command);
    if (direct) return (data) => direct(session.socket, data);
    if (!session.handlers) this.bind(session);
    return session.handlers?.get(command);
  }

  /**
   * Nest makes some forty objects per connection to bind its handlers. Where no gateway has a connection hook this
   * waits for the first command that Nest has to call, which most clients never send.
   */
  private bind(session: ClientSession, request?: IncomingMessage): void {
    session.handlers = new CommandHandlers();
    for (const callback of this.gateways.get(session.entrance.endpoint) ?? [])
      callback(session.socket, request);
  }
}
