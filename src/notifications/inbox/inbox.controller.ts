import { Body, Controller, Delete, Get, HttpCode, Param, Post, Put, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, CurrentUser, type Principal } from '../../auth/index.js';
import { CommandRateGuard } from '../../transport/index.js';
import { InboxReader } from './inbox-reader.js';
import { InboxService } from './inbox.service.js';
import { LocaleService } from '../locale.service.js';
import {
  Nothing,
  NotificationListQuery,
  NotificationLocale,
  NotificationNames,
  type NotificationList,
} from '../notification.schema.js';

/** The caller's notifications, for clients without a socket. */
@ApiTags('notifications')
@ApiBearerAuth()
@UseGuards(AuthGuard)
@Controller('api/v1/notifications')
export class InboxController {
  constructor(
    private readonly reader: InboxReader,
    private readonly inbox: InboxService,
    private readonly locales: LocaleService,
  ) {}

  /** Unread ones first, then the newest first. */
  @Get()
  list(@CurrentUser() user: Principal, @Query({ schema: NotificationListQuery }) query: NotificationList) {
    return this.reader.list(user, query);
  }

  /** How many are unread. */
  @Get('unread')
  unread(@CurrentUser() user: Principal) {
    return this.reader.unread(user);
  }

  @Post('read')
  @HttpCode(200)
  @UseGuards(CommandRateGuard)
  read(@CurrentUser() user: Principal, @Body({ schema: NotificationNames }) names: NotificationNames) {
    return this.inbox.read(user, names);
  }

  @Post('read-all')
  @HttpCode(204)
  @UseGuards(CommandRateGuard)
  async readAll(@CurrentUser() user: Principal, @Body({ schema: Nothing }) _body: Nothing): Promise<void> {
    await this.inbox.readAll(user);
  }

  @Delete(':id')
  @UseGuards(CommandRateGuard)
  delete(@CurrentUser() user: Principal, @Param('id') id: string) {
    return this.inbox.delete(user, { ids: [id] });
  }

  /** The language the caller is told things in. */
  @Put('locale')
  @HttpCode(204)
  @UseGuards(CommandRateGuard)
  async locale(
    @CurrentUser() user: Principal,
    @Body({ schema: NotificationLocale }) body: NotificationLocale,
  ): Promise<void> {
    await this.locales.set(user.userId, body.locale);
  }
}
