import { Controller, Delete, Get, HttpCode, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, Roles, RolesGuard } from '../../auth/index.js';
import { ScheduleQuery } from '../publish.schema.js';
import { NotificationScheduler } from './notification-scheduler.js';

/** What is to be told later. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AuthGuard, RolesGuard)
@Roles('admin')
@Controller('api/v1/admin/scheduled-notifications')
export class ScheduleController {
  constructor(private readonly scheduler: NotificationScheduler) {}

  /** The newest first. */
  @Get()
  list(@Query({ schema: ScheduleQuery }) query: ScheduleQuery) {
    return this.scheduler.list(query);
  }

  @Get(':id')
  find(@Param('id') id: string) {
    return this.scheduler.find(id);
  }

  /** Keeps it from being told; 409 when it is too late. */
  @Delete(':id')
  @HttpCode(204)
  cancel(@Param('id') id: string): Promise<void> {
    return this.scheduler.cancel(id);
  }
}
