import { Body, Controller, Get, Headers, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, CurrentUser, type Principal } from '../auth/index.js';
import { CommandRateGuard } from '../transport/index.js';
import { SendOnBehalf } from './chat-rest.schema.js';
import { HistoryQuery, PageQuery } from './chat.schema.js';
import { ConversationService } from './conversation.service.js';
import { OnBehalfService } from './on-behalf.service.js';

@ApiTags('chat')
@ApiBearerAuth()
@UseGuards(AuthGuard)
@Controller('api/v1')
export class ChatController {
  constructor(
    private readonly conversations: ConversationService,
    private readonly onBehalf: OnBehalfService,
  ) {}

  /** The caller's conversations, the last moved first. */
  @Get('conversations')
  list(@CurrentUser() user: Principal, @Query({ schema: PageQuery }) page: PageQuery) {
    return this.conversations.sync(user.userId, page);
  }

  /** Messages of one conversation, ascending; the newest without `before` and `after`. */
  @Get('conversations/:conversation/messages')
  history(
    @CurrentUser() user: Principal,
    @Param('conversation') conversation: string,
    @Query({ schema: HistoryQuery }) range: HistoryQuery,
  ) {
    return this.conversations.history(user.userId, { conversation }, range, user.roles);
  }

  /** Sends as the caller, or, for an administrator, as `from`. Answered after the commit; counts as a command of the caller. */
  @Post('messages')
  @UseGuards(CommandRateGuard)
  send(
    @CurrentUser() user: Principal,
    @Body({ schema: SendOnBehalf }) body: SendOnBehalf,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.onBehalf.send(user, body, key);
  }
}
