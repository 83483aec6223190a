import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CloseCode } from '@rookery/protocol';
import { AppConfig } from '../config/index.js';
import { HubEvent, HubService, PHASES, type Connection } from '../hub/index.js';

/** Milliseconds; shorter where pings come more often than every two seconds. */
const MAX_TICK = 1000;
/** The client is told this long before its token ends, or at half of what was left if that is less. */
const EXPIRY_WARNING = 60_000;
/** A close frame that a congested socket cannot take is given this long. */
const CLOSE_GRACE = 5000;

/** Once a second: pings what is due, cuts what is dead, warns and closes what expires. One timer for all connections. */
@Injectable()
export class Heartbeat implements OnApplicationBootstrap, OnModuleDestroy {
  /** The expiry that a connection was warned of. */
  private readonly warned = new WeakMap<Connection, number>();
  /** Since when those that were told to go have not gone. */
  private readonly closing = new Map<Connection, number>();
  private before = Date.now();
  private timer?: NodeJS.Timeout;

  constructor(
    private readonly config: AppConfig,
    private readonly hub: HubService,
  ) {}

  onApplicationBootstrap(): void {
    const every = Math.min(MAX_TICK, this.config.ws.pingInterval / 2);
    this.timer = setInterval(() => this.tick(Date.now()), every);
  }

  onModuleDestroy(): void {
    clearInterval(this.timer);
  }

  tick(now: number): void {
    for (const connection of this.hub.all()) this.check(connection, now);
    for (const connection of this.closing.keys())
      if (!this.hub.connectionsOf(connection.userId).includes(connection)) this.closing.delete(connection);
    this.before = now;
  }

  private check(connection: Connection, now: number): void {
    const since = this.closing.size > 0 ? this.closing.get(connection) : undefined;
    if (since !== undefined) {
      if (now - since > CLOSE_GRACE) connection.terminate();
      return;
    }
    if (now - connection.lastSeen > this.config.ws.pongTimeout) return this.cutSilent(connection, now);
    if (this.isExpired(connection, now))
      return this.close(connection, now, CloseCode.TokenExpired, 'token expired');
    this.warnOfExpiry(connection, now);
    if (this.isDue(connection, now)) connection.ping();
  }

  private cutSilent(connection: Connection, now: number): void {
    const code = connection.congested ? CloseCode.SlowConsumer : CloseCode.HeartbeatTimeout;
    this.close(connection, now, code, 'no sign of life');
  }

  private close(connection: Connection, now: number, code: CloseCode, reason: string): void {
    this.closing.set(connection, now);
    connection.close(code, reason);
  }

  private isExpired({ principal: { expiresAt } }: Connection, now: number): boolean {
    return expiresAt !== undefined && now >= expiresAt + this.config.jwt.leeway * 1000;
  }

  private warnOfExpiry(connection: Connection, now: number): void {
    const { expiresAt } = connection.principal;
    if (expiresAt === undefined) return;
    const lifetime = expiresAt - connection.openedAt;
    if (expiresAt - now > Math.min(EXPIRY_WARNING, lifetime / 2)) return;
    if (this.warned.get(connection) === expiresAt) return;
    this.warned.set(connection, expiresAt);
    connection.sendEphemeral(new HubEvent('auth.expiring', { expiresAt }));
  }

  /** Once in every interval, at a time of its own: connections made together are not pinged together. */
  private isDue({ phase }: Connection, now: number): boolean {
    const { pingInterval } = this.config.ws;
    const offset = (phase * pingInterval) / PHASES;
    return Math.floor((now - offset) / pingInterval) > Math.floor((this.before - offset) / pingInterval);
  }
}
