import { Body, Controller, Delete, Get, Headers, Param, Patch, Put, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, CurrentUser, type Principal } from '../../auth/index.js';
import { CommandRateGuard } from '../../transport/index.js';
import { ActionOnBehalfService } from './action-on-behalf.service.js';
import { Behalf, EditBody, MessagePath, PinsQuery, ReactionPath } from './message-actions.schema.js';
import { PinService } from './pin.service.js';

const MESSAGE = ':conversation/messages/:seq';

@ApiTags('chat')
@ApiBearerAuth()
@UseGuards(AuthGuard)
@Controller('api/v1/conversations')
export class MessageActionsController {
  constructor(
    private readonly actions: ActionOnBehalfService,
    private readonly pins: PinService,
  ) {}

  /** Gives an own text message another content; an administrator does it for `from`, at any time. */
  @Patch(MESSAGE)
  @UseGuards(CommandRateGuard)
  edit(
    @CurrentUser() principal: Principal,
    @Param({ schema: MessagePath }) path: MessagePath,
    @Body({ schema: EditBody }) body: EditBody,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.actions.edit({ principal, from: body.from, key }, path, body);
  }

  /** Recalls a message: its content is gone for everybody. An administrator does it for `from`, at any time. */
  @Delete(MESSAGE)
  @UseGuards(CommandRateGuard)
  recall(
    @CurrentUser() principal: Principal,
    @Param({ schema: MessagePath }) path: MessagePath,
    @Query({ schema: Behalf }) { from }: Behalf,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.actions.recall({ principal, from, key }, path);
  }

  /** Adds an emoji. */
  @Put(`${MESSAGE}/reactions/:emoji`)
  @UseGuards(CommandRateGuard)
  react(
    @CurrentUser() principal: Principal,
    @Param({ schema: ReactionPath }) path: ReactionPath,
    @Query({ schema: Behalf }) { from }: Behalf,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.actions.react({ principal, from, key }, path, true);
  }

  /** Takes an emoji away. */
  @Delete(`${MESSAGE}/reactions/:emoji`)
  @UseGuards(CommandRateGuard)
  unreact(
    @CurrentUser() principal: Principal,
    @Param({ schema: ReactionPath }) path: ReactionPath,
    @Query({ schema: Behalf }) { from }: Behalf,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.actions.react({ principal, from, key }, path, false);
  }

  /** Pins a message. */
  @Put(`${MESSAGE}/pin`)
  @UseGuards(CommandRateGuard)
  pin(
    @CurrentUser() principal: Principal,
    @Param({ schema: MessagePath }) path: MessagePath,
    @Query({ schema: Behalf }) { from }: Behalf,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.actions.pin({ principal, from, key }, path, true);
  }

  /** Pins it no longer. */
  @Delete(`${MESSAGE}/pin`)
  @UseGuards(CommandRateGuard)
  unpin(
    @CurrentUser() principal: Principal,
    @Param({ schema: MessagePath }) path: MessagePath,
    @Query({ schema: Behalf }) { from }: Behalf,
    @Headers('idempotency-key') key?: string,
  ) {
    return this.actions.pin({ principal, from, key }, path, false);
  }

  /** Pinned messages, the last first. */
  @Get(':conversation/pins')
  list(
    @CurrentUser() user: Principal,
    @Param('conversation') conversation: string,
    @Query({ schema: PinsQuery }) query: PinsQuery,
  ) {
    return this.pins.list(user.userId, { conversation }, query);
  }
}
