import { Body, Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, CurrentUser, type Principal } from '../auth/index.js';
import { CommandRateGuard } from '../transport/index.js';
import { PresenceQuery } from './presence.schema.js';
import { PresenceReport } from './presence-report.js';

@ApiTags('presence')
@ApiBearerAuth()
@UseGuards(AuthGuard, CommandRateGuard)
@Controller('api/v1/presence')
export class PresenceController {
  constructor(private readonly report: PresenceReport) {}

  /** Whether a user is there, truly: for himself and for administrators. */
  @Get(':user')
  one(@CurrentUser() caller: Principal, @Param('user') user: string) {
    return this.report.one(caller, user);
  }

  /** The same of up to 200 users at once, in the order of the question. */
  @Post('query')
  @HttpCode(200)
  many(@CurrentUser() caller: Principal, @Body({ schema: PresenceQuery }) { users }: PresenceQuery) {
    return this.report.many(caller, users);
  }
}
