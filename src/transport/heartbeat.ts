import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import { CloseCode } from '@rookery/protocol';
import { AppConfig } from '../config/index.js';
import { HubEvent, HubService, type Connection } from '../hub/index.js';

/** Milliseconds; shorter where pings come more often than every two seconds. */
const MAX_TICK = 1000;
/** The client is told this long before its token ends, or at half of what was left if that is less. */
const EXPIRY_WARNING = 60_000;
/** A close frame that a congested socket cannot take is given this long. */
const CLOSE_GRACE = 5000;

interface Watch {
  /** When to ping next. */
  pingAt: number;
  warnedFor?: number;
  closingSince?: number;
}

/** Once a second: pings what is due, cuts what is dead, warns and closes what expires. One timer for all connections. */
@Injectable()
export class Heartbeat implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly watches = new WeakMap<Connection, Watch>();
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
    for (const connection of this.hub.all()) this.check(connection, this.watchOf(connection, now), now);
  }

  private check(connection: Connection, watch: Watch, now: number): void {
    if (watch.closingSince !== undefined) {
      if (now - watch.closingSince > CLOSE_GRACE) connection.terminate();
      return;
    }
    if (now - connection.lastSeen > this.config.ws.pongTimeout) return this.cutSilent(connection, watch, now);
    if (this.isExpired(connection, now))
      return this.close(connection, watch, now, CloseCode.TokenExpired, 'token expired');
    this.warnOfExpiry(connection, watch, now);
    if (now < watch.pingAt) return;
    watch.pingAt = now + this.config.ws.pingInterval;
    connection.ping();
  }

  private cutSilent(connection: Connection, watch: Watch, now: number): void {
    const code = connection.congested ? CloseCode.SlowConsumer : CloseCode.HeartbeatTimeout;
    this.close(connection, watch, now, code, 'no sign of life');
  }

  private close(connection: Connection, watch: Watch, now: number, code: CloseCode, reason: string): void {
    watch.closingSince = now;
    connection.close(code, reason);
  }

  private isExpired({ principal: { expiresAt } }: Connection, now: number): boolean {
    return expiresAt !== undefined && now >= expiresAt + this.config.jwt.leeway * 1000;
  }

  private warnOfExpiry(connection: Connection, watch: Watch, now: number): void {
    const { expiresAt } = connection.principal;
    if (expiresAt === undefined || watch.warnedFor === expiresAt) return;
    const lifetime = expiresAt - connection.openedAt;
    if (expiresAt - now > Math.min(EXPIRY_WARNING, lifetime / 2)) return;
    watch.warnedFor = expiresAt;
    connection.sendEphemeral(new HubEvent('auth.expiring', { expiresAt }));
  }

  /** First pings are spread over the interval, so that connections made together are not pinged together. */
  private watchOf(connection: Connection, now: number): Watch {
    const known = this.watches.get(connection);
    if (known) return known;
    const watch = { pingAt: now + Math.random() * this.config.ws.pingInterval };
    this.watches.set(connection, watch);
    return watch;
  }
}
