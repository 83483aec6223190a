import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { Injectable, Logger } from '@nestjs/common';
import { CloseCode, ErrorCode, PROTOCOL_VERSION, type Hello } from '@rookery/protocol';
import { AuthFailureLimiter, Revocations, TokenVerifier, type Principal } from '../auth/index.js';
import { AppError, toAppError, type Deferred } from '../common/index.js';
import { AppConfig } from '../config/index.js';
import { Connection, HubService, persistently, type ConnectionCommon } from '../hub/index.js';
import { JournalService } from '../journal/index.js';
import { Metrics, type Tally } from '../metrics/index.js';
import { BeforeConnectHooks, type ConnectingClient } from './before-connect.js';
import type { AuthCommand, ClientSession, SessionHost } from './client-session.js';
import { isCommand, type CommandHandler } from './command-handlers.js';
import { CommandLimiter } from './command-limiter.js';
import type { ClientDescription } from './handshake.js';
import { MAX_DEPTH } from './plain-json.js';

/** Clients may close with any number; only these become labels. */
const KNOWN_CODES = new Set<number>([
  ...Object.values(CloseCode),
  1000,
  1002,
  1003,
  1005,
  1006,
  1007,
  1008,
  1011,
]);

/** The gateways of the application, as the WebSocket adapter knows them. */
export interface Gateways {
  /** Called once for every connection when it is authenticated. */
  greet(session: ClientSession, request: IncomingMessage): void;
  handlerOf(session: ClientSession, command: string): CommandHandler | undefined;
}

/** Every WebSocket of this node, from its upgrade on, and what happens between it and the hub. */
@Injectable()
export class SessionManager implements SessionHost {
  readonly sessions = new Set<ClientSession>();
  /** Those of them that wait for a token in their first frame. */
  readonly unnamed = new Set<ClientSession>();
  readonly authTimeout: number;
  private readonly logger = new Logger('Connection');
  private readonly endListeners: ((session: ClientSession) => void)[] = [];
  /** Set by the adapter, before anybody can connect. */
  gateways: Gateways = { greet: () => undefined, handlerOf: () => undefined };
  /** By command, then by outcome. */
  private readonly tallies = new Map<string, Map<string, Tally>>();
  private readonly common: ConnectionCommon;

  constructor(
    private readonly config: AppConfig,
    private readonly hub: HubService,
    private readonly journal: JournalService,
    private readonly verifier: TokenVerifier,
    private readonly failures: AuthFailureLimiter,
    private readonly limiter: CommandLimiter,
    private readonly metrics: Metrics,
    private readonly hooks: BeforeConnectHooks,
    private readonly revocations: Revocations,
  ) {
    this.authTimeout = config.ws.authTimeout;
    this.common = { budget: config.ws.sendBuffer, source: hub.source, fanOut: hub.fanOut, metrics };
  }

  get onlineCount(): number {
    return this.hub.onlineCount;
  }

  handlerOf(session: ClientSession, command: string): CommandHandler | undefined {
    return this.gateways.handlerOf(session, command);
  }

  /** Calls the listener for every session that ends, connection or not. */
  onEnded(listener: (session: ClientSession) => void): void {
    this.endListeners.push(listener);
  }

  async authenticate(session: ClientSession, { token, ...client }: AuthCommand): Promise<Principal> {
    const { ip } = session;
    const principal = await this.verify(token, ip);
    await this.admitConnection({ ...session.described, ...client, principal, ip });
    return principal;
  }

  /** Rejects with what a before-hook refuses the connection with. */
  async admitConnection(client: ConnectingClient): Promise<void> {
    await this.hooks.run(client);
  }

  /** Verifies a token; a wrong one counts against the address it came from, and too many end its turn. */
  async verify(token: string, ip: string): Promise<Principal> {
    this.failures.assertAllowed(ip);
    try {
      const principal = await this.verifier.verify(token);
      this.revocations.assertGood(principal);
      return principal;
    } catch (error) {
      if (toAppError(error).code === ErrorCode.Unauthenticated) {
        this.failures.recordFailure(ip);
        this.logger.warn({ ip, reason: (error as Error).message }, 'Authentication failed');
      }
      throw error;
    }
  }

  /** What the newcomer replaces does not count: a device may always take the place of its own dead socket. */
  assertRoomFor(principal: Principal, client: ClientDescription): void {
    // Revoked since it was verified: whoever is registered after the others were closed stays.
    this.revocations.assertGood(principal);
    const { userId } = principal;
    const limit = this.config.ws.maxConnectionsPerUser;
    if (limit === 0 || this.hub.staying(userId, client) < limit) return;
    throw new AppError(ErrorCode.RateLimited, {
      message: 'Too many connections of this user',
      retryAfter: 60,
    });
  }

  open(
    session: ClientSession,
    principal: Principal,
    client: ClientDescription,
    request: IncomingMessage,
  ): Connection {
    this.assertRoomFor(principal, client);
    const connection = this.connect(session, principal, client);
    this.unnamed.delete(session);
    session.connection = connection;
    if (connection.sync === 'push') connection.hold();
    this.hub.register(connection);
    connection.reply({ type: 'hello', data: this.hello(connection) });
    this.gateways.greet(session, request);
    void this.bringUpToDate(connection);
    this.logger.log(
      { connection: connection.id, user: principal.userId, ip: connection.ip, platform: connection.platform },
      'Connected',
    );
    return connection;
  }

  admit(connection: Connection): AppError | undefined {
    return this.limiter.command(connection.id, connection.userId);
  }

  explain(error: unknown, session: ClientSession, sent: string | undefined): AppError {
    const refusal = toAppError(error);
    const { connection, ip } = session;
    // What a client calls a command is no label and no log field unless it is one.
    const command = sent !== undefined && isCommand(sent) ? sent : 'unknown';
    this.tally(command, refusal.code).count++;
    const where = { connection: connection?.id, user: connection?.userId, ip, command };
    if (refusal.traits.logLevel === 'error')
      this.logger.error({ ...where, err: refusal.cause ?? refusal }, 'Command failed');
    else
      this.logger[refusal.traits.logLevel](
        { ...where, code: refusal.code, err: refusal.cause },
        'Command refused',
      );
    return refusal;
  }

  succeeded(command: string): void {
    this.tally(command, 'ok').count++;
  }

  markDelivered(connection: Connection, conversation: string, seq: number): Deferred<null> {
    return this.hub.markDelivered(connection, conversation, seq);
  }

  failed({ ip }: ClientSession, error: Error): void {
    this.logger.debug({ ip, err: error }, 'Protocol error on a socket');
  }

  ended(session: ClientSession, code: number): void {
    this.sessions.delete(session);
    this.unnamed.delete(session);
    for (const listener of this.endListeners) listener(session);
    this.metrics.closed.inc({ code: KNOWN_CODES.has(code) ? String(code) : 'other' });
    const { connection } = session;
    if (!connection) return;
    this.hub.unregister(connection);
    this.logger.log({ connection: connection.id, user: connection.userId, code }, 'Disconnected');
  }

  private tally(command: string, outcome: string): Tally {
    const known = this.tallies.get(command)?.get(outcome);
    if (known) return known;
    const tally = this.metrics.commands.tally({ command, outcome });
    const outcomes = this.tallies.get(command) ?? new Map<string, Tally>();
    this.tallies.set(command, outcomes.set(outcome, tally));
    return tally;
  }

  private connect(session: ClientSession, principal: Principal, client: ClientDescription): Connection {
    const { codec, dialect } = session.entrance;
    return new Connection({
      id: randomUUID(),
      principal,
      ...client,
      ...(dialect?.device && !client.device && { device: dialect.device, sharedDevice: true }),
      // Who speaks a dialect knows no command to ask with.
      sync: (!dialect && client.sync) || 'push',
      codec,
      translator: session.translation,
      outlet: session.writer,
      ip: session.ip,
      common: this.common,
    });
  }

  private hello(connection: Connection): Hello {
    const { ws } = this.config;
    return {
      protocol: PROTOCOL_VERSION,
      user: connection.userId,
      device: connection.device ?? connection.id,
      connection: connection.id,
      sync: connection.sync,
      serverTime: Date.now(),
      expiresAt: connection.principal.expiresAt ?? null,
      heartbeat: { interval: ws.pingInterval / 1000, timeout: ws.pongTimeout / 1000 },
      limits: { maxMessageSize: ws.maxMessageSize, maxDepth: MAX_DEPTH, commandsPerSecond: ws.rateLimit },
    };
  }

  /** Registered before this reads, so that nothing falls between the backlog and the live entries. */
  private async bringUpToDate(connection: Connection): Promise<void> {
    try {
      await persistently(connection, () => this.journal.enrol(connection.userId));
      if (connection.sync !== 'push')
        return await persistently(connection, () => this.hub.attend(connection.userId));
      const messages = await connection.catchUp();
      if (!connection.closed) connection.reply({ type: 'chat.synced', data: { messages } });
    } catch (error) {
      if (connection.closed) return;
      this.logger.error(
        { err: error, connection: connection.id, user: connection.userId },
        'Catching up failed',
      );
      connection.close(1011, 'catching up failed');
    }
  }
}
