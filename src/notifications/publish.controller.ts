import { Body, Controller, Delete, Get, Headers, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, Roles, RolesGuard } from '../auth/index.js';
import { idempotencyKeyOf } from '../common/index.js';
import { NotificationService } from './notification.service.js';
import { PublishBody } from './publish.schema.js';
import { PublishService } from './publish.service.js';
import { DeliveryReportService } from './report/delivery-report.service.js';

/** What administrators and back-end services do with notifications. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AuthGuard, RolesGuard)
@Roles('admin')
@Controller('api/v1/admin/notifications')
export class PublishController {
  constructor(
    private readonly publisher: PublishService,
    private readonly notifications: NotificationService,
    private readonly reports: DeliveryReportService,
  ) {}

  /** Tells one user or an audience, now or at a time, in words of its own or of a template. */
  @Post()
  publish(@Body({ schema: PublishBody }) body: PublishBody, @Headers('idempotency-key') key?: string) {
    return this.publisher.publish(body, idempotencyKeyOf(key));
  }

  /** How many it was for, has reached, and have read it. */
  @Get(':id/report')
  report(@Param('id') id: string) {
    return this.reports.of(id);
  }

  /** Takes one back, by its id: erased everywhere, and removed from where it is shown. */
  @Delete(':id')
  @HttpCode(204)
  async withdraw(@Param('id') id: string): Promise<void> {
    await this.notifications.withdraw(id);
  }
}
