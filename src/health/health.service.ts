import { Injectable } from '@nestjs/common';
import { ShutdownState } from '../common/index.js';
import { Database } from '../database/index.js';

export interface Readiness {
  status: 'ok' | 'error';
  checks: Record<'database' | 'accepting', 'up' | 'down'>;
}

/** Whether this node should be sent traffic. */
@Injectable()
export class HealthService {
  constructor(
    private readonly database: Database,
    private readonly shutdown: ShutdownState,
  ) {}

  /** Asks the database each time; answers within its deadline. */
  async readiness(): Promise<Readiness> {
    const database = await this.database.ping().then(
      () => 'up' as const,
      () => 'down' as const,
    );
    const accepting = this.shutdown.isShuttingDown ? 'down' : 'up';
    return {
      status: database === 'up' && accepting === 'up' ? 'ok' : 'error',
      checks: { database, accepting },
    };
  }
}
