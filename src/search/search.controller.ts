import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, CurrentUser, type Principal } from '../auth/index.js';
import { CommandRateGuard } from '../transport/index.js';
import { SearchQuery } from './search.schema.js';
import { SearchService } from './search.service.js';

@ApiTags('search')
@ApiBearerAuth()
@UseGuards(AuthGuard)
@Controller('api/v1/search')
export class SearchController {
  constructor(private readonly search: SearchService) {}

  /** Messages in the caller's conversations, the newest first. Counts as a command of the caller. */
  @Get('messages')
  @UseGuards(CommandRateGuard)
  messages(@CurrentUser() user: Principal, @Query({ schema: SearchQuery }) request: SearchQuery) {
    return this.search.messages(user.userId, request);
  }
}
