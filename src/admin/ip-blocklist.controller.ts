import { Body, Controller, Get, Put, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { AuthGuard, Roles, RolesGuard } from '../auth/index.js';
import { AddressBlockList } from '../transport/index.js';
import { IpBlocklistBody } from './admin.schema.js';
import { IpBlocklistService } from './ip-blocklist.service.js';

/** Addresses that get nothing from this server. */
@ApiTags('admin')
@ApiBearerAuth()
@UseGuards(AuthGuard, RolesGuard)
@Roles('admin')
@Controller('api/v1/admin/ip-blocklist')
export class IpBlocklistController {
  constructor(
    private readonly blocklist: IpBlocklistService,
    private readonly addresses: AddressBlockList,
  ) {}

  /** What is blocked: `ranges` by this call, `base` by `IP_BLOCKLIST`. */
  @Get()
  list() {
    return this.blocklist.list();
  }

  /** Replaces `ranges`, at once and for good; connections of blocked addresses are closed. */
  @Put()
  replace(@Body({ schema: IpBlocklistBody }) { ranges }: IpBlocklistBody, @Req() request: Request) {
    return this.blocklist.replace(ranges, this.addresses.addressOf(request));
  }
}
