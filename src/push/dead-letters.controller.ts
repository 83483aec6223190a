import { Body, Controller, Delete, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, Roles, RolesGuard } from '../auth/index.js';
import { Nothing } from '../notifications/index.js';
import { DeadLettersService } from './dead-letters.service.js';
import { DeadLetterQuery } from './push.schema.js';

/** Pushes that were given up. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AuthGuard, RolesGuard)
@Roles('admin')
@Controller('api/v1/admin/push/dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLettersService) {}

  /** The newest first. */
  @Get()
  list(@Query({ schema: DeadLetterQuery }) query: DeadLetterQuery) {
    return this.letters.list(query);
  }

  /** Tries it again, as if it had never been. */
  @Post(':id/replay')
  @HttpCode(204)
  replay(@Param('id') id: string, @Body({ schema: Nothing }) _body: Nothing): Promise<void> {
    return this.letters.replay(id);
  }

  @Delete(':id')
  @HttpCode(204)
  remove(@Param('id') id: string): Promise<void> {
    return this.letters.remove(id);
  }
}
