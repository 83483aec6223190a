import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { Injectable, Logger } from '@nestjs/common';
import type { WebSocketServer } from 'ws';
import { ErrorCode } from '@rookery/protocol';
import { extractToken, type Principal } from '../auth/index.js';
import { toAppError } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { Metrics } from '../metrics/index.js';
import { AddressBlockList } from './address-block-list.js';
import { ClientSession, type Entrance, type Opening } from './client-session.js';
import { DialectPaths } from './dialects/index.js';
import { CommandLimiter } from './command-limiter.js';
import { ConnectionRoom, RETRY_WHEN_FULL } from './connection-room.js';
import { assertOrigin, assertWebSocketHandshake, describeClient, pathOf } from './handshake.js';
import { HandshakeRefusal, refuseUpgrade } from './http-refusal.js';
import { FrameDeflater } from './frame-deflater.js';
import { JsonCodec } from './json-codec.js';
import { withoutOddOffers } from './message-compression.js';
import { asksForWebSocket, serveWithoutUpgrade } from './other-upgrades.js';
import type { RookerySocket } from './rookery-socket.js';
import { SessionManager } from './session-manager.js';

/** Decides about every upgrade before a WebSocket exists: who may not come in gets an HTTP answer that says why. */
@Injectable()
export class UpgradeHandler {
  private readonly logger = new Logger('Handshake');
  private readonly entrances = new Map<string, Entrance>();
  private readonly codec = new JsonCodec();
  private readonly deflater?: FrameDeflater;
  private readonly dialects: DialectPaths;
  private readonly room: ConnectionRoom;
  private handshakes = 0;
  private closing = false;

  constructor(
    private readonly config: AppConfig,
    private readonly manager: SessionManager,
    private readonly limiter: CommandLimiter,
    private readonly addresses: AddressBlockList,
    private readonly metrics: Metrics,
  ) {
    this.room = new ConnectionRoom(config.ws);
    if (config.ws.compression) this.deflater = new FrameDeflater(() => metrics.deflated.inc());
    this.dialects = new DialectPaths(config.ws.dialects, config.ws.path);
    manager.onEnded(({ ip }) => this.room.release(ip));
  }

  /** For as long as the server lives: without a listener Node would take a handshake for a plain request. */
  attach(server: Server): void {
    server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer): void => {
      if (this.isOfAnother(server, request)) return;
      if (asksForWebSocket(request)) void this.handle(request, socket, head);
      else serveWithoutUpgrade(server, request, socket, head);
    });
  }

  serve(path: string, endpoint: WebSocketServer): void {
    if (path !== this.config.ws.path && this.dialects.has(path))
      throw new Error(`The path ${path} of a gateway is taken by WS_DIALECTS`);
    this.entrances.set(path, { endpoint, codec: this.codec, deflater: this.deflater });
  }

  /** From now on every upgrade is answered 503. */
  stopAccepting(): void {
    this.closing = true;
  }

  /** On the server of somebody else's application, whose own endpoints are none of ours. */
  private isOfAnother(server: Server, { url }: IncomingMessage): boolean {
    if (server.listenerCount('upgrade') === 1) return false;
    const path = pathOf(url);
    return !this.entrances.has(path) && !this.dialects.has(path);
  }

  private async handle(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const ignore = (): void => undefined;
    socket.on('error', ignore);
    this.handshakes++;
    const ip = this.addresses.addressOf(request);
    try {
      const { entrance, opening, principal } = await this.admit(request, ip);
      // In the same turn as the start: nobody takes the place in between.
      this.assertAllowed(ip);
      this.assertPlace(opening, principal);
      socket.off('error', ignore);
      if (this.deflater) withoutOddOffers(request);
      socket.cork();
      entrance.endpoint.handleUpgrade(request, socket, head, (client) =>
        this.start(
          new ClientSession(client as RookerySocket, entrance, ip, opening, socket, this.manager),
          principal,
        ),
      );
    } catch (error) {
      this.refuse(socket, error, ip);
    } finally {
      this.handshakes--;
    }
  }

  private async admit(
    request: IncomingMessage,
    ip: string,
  ): Promise<{ entrance: Entrance; opening: Opening; principal?: Principal }> {
    if (this.closing)
      throw new HandshakeRefusal(503, ErrorCode.Unavailable, 'The server is shutting down', RETRY_WHEN_FULL);
    this.assertAllowed(ip);
    const path = pathOf(request.url);
    const dialect = this.dialects.of(path, request);
    const entrance = this.entrances.get(dialect ? this.config.ws.path : path);
    if (!entrance) throw new HandshakeRefusal(404, ErrorCode.NotFound, 'No WebSocket endpoint at this path');
    assertWebSocketHandshake(request);
    assertOrigin(request, this.config.ws.origins, this.config.production);
    const client = describeClient(request.url);
    this.room.assertRoom(ip, this.manager.sessions.size + this.handshakes);
    const limited = this.limiter.handshake(ip);
    if (limited) throw limited;
    const principal = await this.principalOf(request, ip);
    dialect?.assertUser(request, principal);
    if (principal) await this.manager.admitConnection({ ...client, principal, ip });
    return {
      entrance: dialect ? { ...entrance, dialect } : entrance,
      opening: { request, client },
      principal,
    };
  }

  /** Undefined: no token in the handshake, so the first frame has to bring it. */
  private async principalOf(request: IncomingMessage, ip: string): Promise<Principal | undefined> {
    const found = extractToken(request, { queryToken: this.config.ws.queryToken });
    if (!found) return undefined;
    return this.manager.verify(found.token, ip);
  }

  private assertAllowed(ip: string): void {
    if (this.addresses.isBlocked(ip))
      throw new HandshakeRefusal(403, ErrorCode.Forbidden, 'This address is blocked');
  }

  private assertPlace({ client }: Opening, principal: Principal | undefined): void {
    if (principal) this.manager.assertRoomFor(principal, client);
    else this.room.assertRoomForUnnamed(this.manager.unnamed.size);
  }

  private start(session: ClientSession, principal: Principal | undefined): void {
    this.room.take(session.ip);
    this.manager.sessions.add(session);
    if (!principal) this.manager.unnamed.add(session);
    session.start(principal);
  }

  private refuse(socket: Duplex, error: unknown, ip: string): void {
    const refusal = HandshakeRefusal.from(toAppError(error));
    this.metrics.handshakesRefused.inc({ status: String(refusal.status) });
    this.logger[levelOf(refusal)](
      { ip, status: refusal.status, code: refusal.code, err: refusal.cause },
      'Handshake refused',
    );
    refuseUpgrade(socket, refusal);
  }
}

/** A limit that holds is no news each time it does; the metric counts it. */
function levelOf({ status, code }: HandshakeRefusal): 'error' | 'log' | 'debug' {
  if (code === ErrorCode.Internal) return 'error';
  return status === 429 || status === 503 ? 'debug' : 'log';
}
