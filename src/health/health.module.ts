import { Module } from '@nestjs/common';
import { HealthController } from './health.controller.js';
import { HealthService } from './health.service.js';
import { JournalMetrics } from './journal-metrics.js';

@Module({ controllers: [HealthController], providers: [HealthService, JournalMetrics] })
export class HealthModule {}
