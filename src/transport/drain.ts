import { setTimeout as delay } from 'node:timers/promises';
import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import { CloseCode } from '@rookery/protocol';
import { AppConfig } from '../config/index.js';
import { HubEvent } from '../hub/index.js';
import { JournalService } from '../journal/index.js';
import { ShutdownState } from '../common/index.js';
import type { ClientSession } from './client-session.js';
import { SessionManager } from './session-manager.js';
import { UpgradeHandler } from './upgrade-handler.js';

/** Closes per second: what a fresh node is asked to take in reconnects. */
const CLOSES_PER_SECOND = 500;
/** Of the drain time; the rest is for lanes and closing handshakes to finish. */
const SPREAD_SHARE = 0.6;
/** Seconds a client is asked to wait at least before it comes back. */
const RETRY_AFTER = 1;

/**
 * A deploy is not an outage: on SIGTERM the node reports itself not ready, takes no new connection, tells every client
 * to move, and closes them spread over the drain time, each after its commands in hand are answered.
 */
@Injectable()
export class Drain implements BeforeApplicationShutdown {
  private readonly logger = new Logger(Drain.name);

  constructor(
    private readonly config: AppConfig,
    private readonly manager: SessionManager,
    private readonly upgrades: UpgradeHandler,
    private readonly shutdown: ShutdownState,
    private readonly journal: JournalService,
  ) {}

  async beforeApplicationShutdown(): Promise<void> {
    this.shutdown.begin();
    this.upgrades.stopAccepting();
    const sessions = [...this.manager.sessions];
    const limit = this.config.http.shutdownDrain;
    const spread = Math.min(limit * SPREAD_SHARE, (sessions.length / CLOSES_PER_SECOND) * 1000);
    this.logger.log({ connections: sessions.length, spread }, 'Draining');
    this.announce(sessions, spread);
    const all = Promise.all(
      sessions.map((session, index) => this.release(session, (spread * index) / sessions.length)),
    );
    // What clients have taken until their sockets closed is stored, too.
    const stored = all.then(() => this.journal.drain());
    await Promise.race([stored, delay(limit, undefined, { ref: false })]);
    for (const session of this.manager.sessions) session.socket.terminate();
  }

  private announce(sessions: readonly ClientSession[], spread: number): void {
    for (const { connection } of sessions) {
      const retryAfter = RETRY_AFTER + (Math.random() * spread) / 1000;
      connection?.sendEphemeral(
        new HubEvent('goaway', { reason: 'the server is shutting down', retryAfter }),
      );
    }
  }

  private async release(session: ClientSession, wait: number): Promise<void> {
    if (wait > 0) await delay(wait);
    await session.finish();
    const gone = new Promise<void>((resolve) => session.socket.once('close', () => resolve()));
    session.socket.resume();
    session.close(CloseCode.GoingAway, 'the server is shutting down');
    if (!session.gone) await gone;
  }
}
