import { Body, Controller, Delete, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import { AuthGuard, CurrentUser, type Principal } from '../auth/index.js';
import { CommandRateGuard } from '../transport/index.js';
import { PushDevicesService } from './push-devices.service.js';
import { PushRegister } from './push.schema.js';

/** Where the caller's devices can be reached while they are away. */
@ApiTags('push')
@ApiBearerAuth()
@UseGuards(AuthGuard)
@Controller('api/v1/push')
export class PushController {
  constructor(private readonly devices: PushDevicesService) {}

  /** What there is to register with, and the caller's devices. */
  @Get()
  list(@CurrentUser() user: Principal) {
    return this.devices.list(user.userId);
  }

  /** Repeating it changes nothing; who registers a token takes it from whoever had it. */
  @Post('devices')
  @UseGuards(CommandRateGuard)
  register(@CurrentUser() user: Principal, @Body({ schema: PushRegister }) body: PushRegister) {
    return this.devices.register(user.userId, body);
  }

  @Delete('devices/:id')
  @HttpCode(204)
  @UseGuards(CommandRateGuard)
  async unregister(@CurrentUser() user: Principal, @Param('id') id: string): Promise<void> {
    await this.devices.unregister(user.userId, id);
  }
}
