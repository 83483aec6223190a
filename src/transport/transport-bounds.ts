import { Injectable, type OnModuleInit } from '@nestjs/common';
import { AuthFailureLimiter } from '../auth/index.js';
import { AppConfig } from '../config/index.js';
import type { Connection } from '../hub/index.js';
import { Metrics } from '../metrics/index.js';
import type { ClientSession } from './client-session.js';
import { LANE_LIMITS } from './command-lane.js';
import { CommandLimiter } from './command-limiter.js';
import { unnamedLimit } from './connection-room.js';
import { RECENT_IDS } from './dialects/index.js';
import { SessionManager } from './session-manager.js';

/** Shows how much of its memory each socket uses, and how many there are. Looked at when `/metrics` is asked for. */
@Injectable()
export class TransportBounds implements OnModuleInit {
  constructor(
    private readonly config: AppConfig,
    private readonly manager: SessionManager,
    private readonly limiter: CommandLimiter,
    private readonly failures: AuthFailureLimiter,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.showSessions();
    this.showLanes();
    this.showRates();
    this.showSlow();
  }

  private showSessions(): void {
    const { ws } = this.config;
    const { bounds, buffered } = this.metrics;
    const { sessions, unnamed } = this.manager;
    bounds.add('sessions', { limit: ws.maxConnections, used: () => sessions.size });
    bounds.add('unnamed_sessions', { limit: unnamedLimit(ws), used: () => unnamed.size });
    bounds.add('send_buffer_bytes', { limit: ws.sendBuffer, used: () => this.most(waitingBytes) });
    bounds.add('dialect_ids', {
      limit: RECENT_IDS,
      used: () => this.most(({ translation }) => translation?.idCount ?? 0),
    });
    buffered.add('send', () => this.sum(waitingBytes));
  }

  private showLanes(): void {
    for (const key of ['frames', 'bytes', 'outstanding'] as const)
      this.metrics.bounds.add(`lane_${key}`, {
        limit: LANE_LIMITS[key],
        used: () => this.most(({ load }) => load[key]),
      });
    this.metrics.buffered.add('lanes', () => this.sum(({ load }) => load.bytes));
  }

  private showRates(): void {
    const tables = { ...this.limiter.tables, failures: this.failures.table };
    for (const key of ['connections', 'users', 'addresses', 'failures'] as const)
      this.metrics.bounds.add(`rate_${key}`, { limit: tables[key].capacity, used: () => tables[key].size });
  }

  private showSlow(): void {
    this.metrics.slow.add('congested', () =>
      this.sum(({ connection }) => Number(connection?.congested ?? false)),
    );
    this.metrics.slow.add('behind', () => this.sum(({ connection }) => Number(isBehind(connection))));
  }

  private most(of: (session: ClientSession) => number): number {
    let most = 0;
    for (const session of this.manager.sessions) most = Math.max(most, of(session));
    return most;
  }

  private sum(of: (session: ClientSession) => number): number {
    let sum = 0;
    for (const session of this.manager.sessions) sum += of(session);
    return sum;
  }
}

const isBehind = (connection: Connection | undefined): boolean =>
  connection !== undefined && connection.behind > 0;

const waitingBytes = ({ writer }: ClientSession): number => writer.bufferedBytes;
