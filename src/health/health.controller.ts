import { Controller, Get, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { HubService } from '../hub/index.js';
import { Metrics } from '../metrics/index.js';
import { HealthService } from './health.service.js';

@ApiTags('operations')
@Controller()
export class HealthController {
  constructor(
    private readonly health: HealthService,
    private readonly hub: HubService,
    private readonly metrics: Metrics,
  ) {}

  /** `OK` while serving, 503 when not: for load balancers. */
  @Get('health')
  async overall(@Res() response: Response): Promise<void> {
    const { status } = await this.health.readiness();
    response
      .status(status === 'ok' ? 200 : 503)
      .type('text/plain')
      .send(status === 'ok' ? 'OK' : 'UNAVAILABLE');
  }

  /** The process answers. Depends on nothing else, so that a database outage restarts nobody. */
  @Get('health/live')
  live() {
    return { status: 'ok' };
  }

  /** Whether to send traffic here, and if not, why. */
  @Get('health/ready')
  async ready(@Res() response: Response): Promise<void> {
    const readiness = await this.health.readiness();
    response.status(readiness.status === 'ok' ? 200 : 503).json(readiness);
  }

  @Get('stats')
  stats() {
    return { online_users: this.hub.onlineCount };
  }

  /** Prometheus text format. */
  @Get('metrics')
  async metricsText(@Res() response: Response): Promise<void> {
    response.type('text/plain; version=0.0.4; charset=utf-8').send(await this.metrics.registry.metrics());
  }
}
