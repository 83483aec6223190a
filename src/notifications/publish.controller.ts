import { Controller, Delete, HttpCode, Param, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, Roles, RolesGuard } from '../auth/index.js';
import { NotificationService } from './notification.service.js';

/** What administrators and back-end services do with notifications. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AuthGuard, RolesGuard)
@Roles('admin')
@Controller('api/v1/admin/notifications')
export class PublishController {
  constructor(private readonly notifications: NotificationService) {}

  /** Takes one back, by its id: erased everywhere, and removed from where it is shown. */
  @Delete(':id')
  @HttpCode(204)
  async withdraw(@Param('id') id: string): Promise<void> {
    await this.notifications.withdraw(id);
  }
}
